// Thresholds against the metrics of a cell: each kept, broken, or not to be told.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/vocabulary/expectation.h"

namespace walsoak::judgement {

struct ThresholdVerdict {
  std::string threshold;  // "lost_commits == 0"
  Presence kept = Presence::unknown;
  Count seen;
  std::string reason;  // empty where it is kept

  // {"threshold", "verdict": pass, fail or unknown, "seen", "reason"}
  nlohmann::ordered_json to_json() const;
};

// Unknown where the metric, or the one that it is compared with, has no value; where a slope is asked for
// that is finer than the series could have shown (its min_detectable_slope).
ThresholdVerdict judge_threshold(const Threshold& threshold, const Metrics& metrics);
// Of a cell that did not come to its end (`interrupted` says why, or is empty) all are unknown but one on
// deaths that no later number could have kept.
std::vector<ThresholdVerdict> judge_thresholds(const std::vector<Threshold>& thresholds,
                                               const Metrics& metrics, const std::string& interrupted = {});

// The first threshold with abort_on_fail that a running cell has broken, `elapsed_s` of the boards' time
// after its start; nothing where none is, or its time of grace is not over.
std::optional<ThresholdVerdict> broken_so_far(const std::vector<Threshold>& thresholds,
                                              const Metrics& metrics, double elapsed_s);

}  // namespace walsoak::judgement
