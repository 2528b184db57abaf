// What a scenario expects of a cell: a finding, mechanisms that must or must not be seen, and conditions on
// metrics.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/judgement/finding/metrics.h"

namespace walsoak::judgement {

// "== 6", ">= 1", "== wal_unlinked": a comparison with a number or with another metric of the same cell.
class MetricCondition {
 public:
  enum class Op { equal, not_equal, less, less_equal, greater, greater_equal };

  // From a number (equal to it) or a text: an operator (==, =, !=, <, <=, >, >=; none is ==) and a number or
  // a metric's name. Throws std::invalid_argument saying what is valid.
  static MetricCondition from_json(const nlohmann::ordered_json& value);

  // Whether `seen` fulfils it; unknown where the other metric is unknown or is no metric.
  Presence holds(std::int64_t seen, const Metrics& metrics) const;
  // Whether neither `seen` nor any greater number fulfils it: a count that can only rise has broken it for
  // good.
  bool broken_for_good(std::int64_t seen) const;
  // As from_json reads it: ">= 1".
  std::string text() const;
  // The other metric's name, or "".
  std::string other() const;
  // The number that it is compared with, or nothing.
  std::optional<double> number() const;

 private:
  Op op_ = Op::equal;
  std::variant<double, std::string> against_ = 0.0;
};

// What a metric must keep to, beside the finding: "lost_commits == 0".
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
  std::vector<std::string> findings;  // any of these; empty: any at all
  std::vector<std::string> mechanisms;
  std::vector<std::string> not_mechanisms;
  std::vector<std::pair<std::string, MetricCondition>> metrics;
  std::vector<Threshold> thresholds;

  // What a cell is judged by where its scenario expects nothing.
  static Expectation clean_or_churn();
  // From {"finding": name | [names] | "any", "mechanisms": [...], "not_mechanisms": [...], "metrics": {...},
  // "thresholds": [...]}, every key optional; no finding is any. A metric's value is a condition or a list of
  // conditions. Whether the names exist is for the scenario to check. Throws std::invalid_argument naming the
  // key.
  static Expectation from_json(const nlohmann::ordered_json& value);
  // The same form again, for the summary.
  nlohmann::ordered_json to_json() const;
};

}  // namespace walsoak::judgement
