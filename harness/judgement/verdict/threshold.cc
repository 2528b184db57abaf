#include "harness/judgement/verdict/threshold.h"

#include <fmt/format.h>

#include "harness/evidence/facts/deaths.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::judgement {
namespace {

constexpr std::string_view kFinest = "descriptors_net_min_detectable_slope_per_million_ticks";

bool is_slope(std::string_view metric) {
  return metric.ends_with("_per_million_ticks") && metric != kFinest;
}

// Why the metrics of this cell cannot tell, or empty.
std::string untold(const Threshold& threshold, const Metrics& metrics) {
  const auto found = metrics.find(threshold.metric);
  if (found == metrics.end()) return "this cell has no such metric";
  if (!found->second) return "it is not known";
  if (!is_slope(threshold.metric)) return {};
  const auto finest = metrics.find(std::string(kFinest));
  const std::optional<double> limit = threshold.condition.number();
  if (!limit || finest == metrics.end() || !finest->second) return {};
  // A limit at or above it can be told from none at all.
  if (*limit >= static_cast<double>(*finest->second)) return {};
  return fmt::format("a slope below {} per million ticks could not be told from none in this run ({})",
                     *finest->second, kFinest);
}

}  // namespace

nlohmann::ordered_json ThresholdVerdict::to_json() const {
  return {{"threshold", threshold},
          {"verdict", kept == Presence::yes  ? kPass
                      : kept == Presence::no ? kFail
                                             : kUnknown},
          {"seen", seen ? nlohmann::ordered_json(*seen) : nlohmann::ordered_json()},
          {"reason", reason}};
}

ThresholdVerdict judge_threshold(const Threshold& threshold, const Metrics& metrics) {
  ThresholdVerdict verdict{threshold.text(), Presence::unknown, {}, untold(threshold, metrics)};
  const auto found = metrics.find(threshold.metric);
  if (found != metrics.end()) verdict.seen = found->second;
  const std::string other = threshold.condition.other();
  // Broken is broken, however fine the limit: what was seen is more than could have been missed.
  const Presence holds = verdict.seen ? threshold.condition.holds(*verdict.seen, metrics) : Presence::unknown;
  if (holds == Presence::no) {
    const auto compared = metrics.find(other);
    verdict.kept = Presence::no;
    verdict.reason =
        fmt::format("threshold {}, seen {}{}", verdict.threshold, *verdict.seen,
                    compared == metrics.end() ? "" : fmt::format(" ({} {})", other, text(compared->second)));
    return verdict;
  }
  if (verdict.reason.empty() && holds == Presence::unknown) verdict.reason = other + " is not known";
  if (verdict.reason.empty()) {
    verdict.kept = Presence::yes;
  } else {
    verdict.reason = fmt::format("threshold {}: {}", verdict.threshold, verdict.reason);
  }
  return verdict;
}

std::vector<ThresholdVerdict> judge_thresholds(const std::vector<Threshold>& thresholds,
                                               const Metrics& metrics, const std::string& interrupted) {
  std::vector<ThresholdVerdict> verdicts;
  for (const Threshold& threshold : thresholds) {
    ThresholdVerdict verdict = judge_threshold(threshold, metrics);
    const bool for_good = threshold.metric == facts::kUnorderedDeaths && verdict.seen &&
                          threshold.condition.broken_for_good(*verdict.seen);
    if (!interrupted.empty() && !for_good) {
      verdict.kept = Presence::unknown;
      verdict.reason = interrupted;
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

std::optional<ThresholdVerdict> broken_so_far(const std::vector<Threshold>& thresholds,
                                              const Metrics& metrics, double elapsed_s) {
  for (const Threshold& threshold : thresholds) {
    if (!threshold.abort_on_fail || elapsed_s < threshold.grace_s) continue;
    if (ThresholdVerdict verdict = judge_threshold(threshold, metrics); verdict.kept == Presence::no)
      return verdict;
  }
  return std::nullopt;
}

}  // namespace walsoak::judgement
