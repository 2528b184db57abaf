#include "harness/model/scenario/threshold.h"

#include <array>
#include <cmath>
#include <utility>

#include "harness/model/scenario/metric_condition.h"
#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

ThresholdEntry entry_of(const ordered_json& text, const Place& text_place, const Place& place) {
  auto [metric, condition] = read_comparison(text, text_place);
  return {{}, {std::move(metric), std::move(condition)}, place};
}

ThresholdEntry read_object(const ordered_json& entry, const Place& place, const Vocabulary& vocabulary) {
  constexpr std::array<std::string_view, 4> kKeys = {"threshold", "when", "abort_on_fail", "grace_s"};
  require_keys(entry, place, kKeys);
  const Place text = place.at("threshold");
  ThresholdEntry read =
      entry_of(require_member(entry, place, "threshold", "valid: as \"lost_commits == 0\""), text, place);
  if (const auto found = entry.find("when"); found != entry.end()) {
    // The layer counts for values that are laid on cells; these are only compared.
    read.when = read_assignments(*found, place.at("when"), Layer::settings, vocabulary);
  }
  if (const auto found = entry.find("abort_on_fail"); found != entry.end()) {
    if (!found->is_boolean())
      place.at("abort_on_fail").fail(shown(*found) + " is neither true nor false", "valid: true, false");
    read.threshold.abort_on_fail = found->get<bool>();
  }
  if (const auto found = entry.find("grace_s"); found != entry.end()) {
    if (!found->is_number() || found->get<double>() < 0 || !std::isfinite(found->get<double>())) {
      place.at("grace_s").fail(shown(*found) + " is no time",
                               "valid: seconds of the boards' time, 0 or more");
    }
    if (!read.threshold.abort_on_fail) {
      place.at("grace_s").fail("is of no use without abort_on_fail",
                               "valid: \"abort_on_fail\": true beside it");
    }
    read.threshold.grace_s = found->get<double>();
  }
  return read;
}

}  // namespace

std::vector<ThresholdEntry> read_thresholds(const ordered_json& list, const Place& place,
                                            const Vocabulary& vocabulary) {
  require_array(list, place);
  std::vector<ThresholdEntry> thresholds;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Place at = place.at(i);
    thresholds.push_back(list[i].is_object() ? read_object(list[i], at, vocabulary)
                                             : entry_of(list[i], at, at));
  }
  return thresholds;
}

}  // namespace walsoak::scenario
