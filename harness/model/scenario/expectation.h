// What a scenario expects of its cells: entries of a condition, findings, mechanisms and metrics, of which
// the last that matches a cell is that cell's expectation.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/model/scenario/assignments.h"
#include "harness/model/vocabulary/expectation.h"

namespace walsoak::scenario {

// One entry of the list under `expect`.
struct ExpectationEntry {
  std::vector<Assignment> when;
  Place when_place;
  Expectation expectation;
};

// The entries of the value of `expect`: of a list, or none for "any". Throws ScenarioError.
std::vector<ExpectationEntry> read_expectations(const nlohmann::ordered_json& expect, const Place& place,
                                                const Vocabulary& vocabulary);

}  // namespace walsoak::scenario
