// Thresholds: what a metric must keep to, for every cell or for some, beside what the scenario expects to
// find. A soak in CI is gated by them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/model/scenario/metric_expectation.h"

namespace walsoak::scenario {

struct Threshold {
  std::vector<Assignment> when;  // the cells that it is for; empty: all
  MetricExpectation metric;
  bool abort_on_fail = false;  // end the cell as soon as it fails
  double grace_s = 0;          // of the boards' time, in which it ends nothing
  Place place;
};

// Of the list under `thresholds`: a text ("lost_commits == 0"), or an object with `threshold` and, where they
// are wanted, `when`, `abort_on_fail` and `grace_s`. Throws ScenarioError.
std::vector<Threshold> read_thresholds(const nlohmann::ordered_json& list, const Place& place,
                                       const Vocabulary& vocabulary);

// {"threshold": text}, with `abort_on_fail` and `grace_s` where they are set; without `when`, which has been
// met.
nlohmann::ordered_json to_json(const Threshold& threshold);

}  // namespace walsoak::scenario
