// Thresholds: what a metric must keep to, for every cell or for some, beside what the scenario expects to
// find. A soak in CI is gated by them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/model/scenario/assignments.h"
#include "harness/model/vocabulary/expectation.h"

namespace walsoak::scenario {

// One entry of the list under `thresholds`.
struct ThresholdEntry {
  std::vector<Assignment> when;  // the cells that it is for; empty: all
  Threshold threshold;
  Place place;
};

// Of the list under `thresholds`: a text ("lost_commits == 0"), or an object with `threshold` and, where they
// are wanted, `when`, `abort_on_fail` and `grace_s`. Throws ScenarioError.
std::vector<ThresholdEntry> read_thresholds(const nlohmann::ordered_json& list, const Place& place,
                                            const Vocabulary& vocabulary);

}  // namespace walsoak::scenario
