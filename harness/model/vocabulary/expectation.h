// The expectation of a cell: its findings, mechanisms that must or must not hold, conditions on its metrics,
// and thresholds. One type for scenarios, verdicts and stored summaries.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "harness/model/vocabulary/condition.h"

namespace walsoak {

// A condition that a metric must keep, apart from the finding: "lost_commits == 0".
struct Threshold {
  std::string metric;
  MetricCondition condition;
  bool abort_on_fail = false;  // a running cell ends as soon as it fails
  double grace_s = 0;          // of the boards' time from the start, in which it ends nothing

  // From {"threshold": text, "abort_on_fail", "grace_s"}. Throws std::invalid_argument.
  static Threshold from_json(const nlohmann::ordered_json& value);
  std::string text() const;
  nlohmann::ordered_json to_json() const;
};

struct Expectation {
  std::vector<std::string> findings;        // one of them; empty: any
  std::vector<std::string> mechanisms;      // must all hold
  std::vector<std::string> not_mechanisms;  // none may hold
  std::vector<std::pair<std::string, MetricCondition>> metrics;
  std::vector<Threshold> thresholds;

  // The expectation of a cell whose scenario has none: nothing wrong.
  static Expectation clean_or_churn();
  // From {"finding": name | [names] | "any", "mechanisms": [...], "not_mechanisms": [...], "metrics": {...},
  // "thresholds": [...]}, every key optional; no finding is any. A metric's value is a condition or a list of
  // conditions. Whether the names exist is not checked. Throws std::invalid_argument naming the key.
  static Expectation from_json(const nlohmann::ordered_json& value);
  // The same form, with its empty lists left out.
  nlohmann::ordered_json to_json() const;
  // The same on one line for people: "leak; with zombie connection; lost_commits == 0".
  std::string text() const;
};

}  // namespace walsoak
