// What a scenario expects of its cells: entries of a condition, findings, mechanisms and metrics, of which
// the last that matches a cell is that cell's expectation.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/model/scenario/assignments.h"
#include "harness/model/scenario/metric_expectation.h"
#include "harness/model/scenario/threshold.h"

namespace walsoak::scenario {

struct Expectation {
  std::vector<std::string> findings;        // one of them; empty: any
  std::vector<std::string> mechanisms;      // must all be present
  std::vector<std::string> not_mechanisms;  // none may be
  std::vector<MetricExpectation> metrics;
  std::vector<Threshold> thresholds;  // that the scenario sets for this cell
};

// One entry of the list under `expect`.
struct ExpectationEntry {
  std::vector<Assignment> when;
  Place when_place;
  Expectation expectation;
};

// The entries of the value of `expect`: of a list, or none for "any". Throws ScenarioError.
std::vector<ExpectationEntry> read_expectations(const nlohmann::ordered_json& expect, const Place& place,
                                                const Vocabulary& vocabulary);

// What a cell must show where its scenario has no list: nothing wrong.
Expectation default_expectation();

// {"finding": string or list or "any", "mechanisms", "not_mechanisms", "metrics", "thresholds"}; empty lists
// are left out.
nlohmann::ordered_json to_json(const Expectation& expectation);

// The same for people, on one line: "leak; with zombie connection; lost_commits == 0".
std::string to_text(const Expectation& expectation);

}  // namespace walsoak::scenario
