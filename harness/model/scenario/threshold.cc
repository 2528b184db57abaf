#include "harness/model/scenario/threshold.h"

#include <array>
#include <cmath>

#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

Threshold read_object(const ordered_json& entry, const Place& place, const Vocabulary& vocabulary) {
  constexpr std::array<std::string_view, 4> kKeys = {"threshold", "when", "abort_on_fail", "grace_s"};
  require_keys(entry, place, kKeys);
  const Place text = place.at("threshold");
  Threshold read{{},
                 read_comparison(require_member(entry, place, "threshold", "valid: as \"lost_commits == 0\""),
                                 text, vocabulary),
                 false,
                 0,
                 place};
  if (const auto found = entry.find("when"); found != entry.end()) {
    // The layer counts for values that are laid on cells; these are only compared.
    read.when = read_assignments(*found, place.at("when"), Layer::settings, vocabulary);
  }
  if (const auto found = entry.find("abort_on_fail"); found != entry.end()) {
    if (!found->is_boolean())
      place.at("abort_on_fail").fail(shown(*found) + " is neither true nor false", "valid: true, false");
    read.abort_on_fail = found->get<bool>();
  }
  if (const auto found = entry.find("grace_s"); found != entry.end()) {
    if (!found->is_number() || found->get<double>() < 0 || !std::isfinite(found->get<double>())) {
      place.at("grace_s").fail(shown(*found) + " is no time",
                               "valid: seconds of the boards' time, 0 or more");
    }
    if (!read.abort_on_fail) {
      place.at("grace_s").fail("is of no use without abort_on_fail",
                               "valid: \"abort_on_fail\": true beside it");
    }
    read.grace_s = found->get<double>();
  }
  return read;
}

}  // namespace

std::vector<Threshold> read_thresholds(const ordered_json& list, const Place& place,
                                       const Vocabulary& vocabulary) {
  require_array(list, place);
  std::vector<Threshold> thresholds;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Place at = place.at(i);
    thresholds.push_back(list[i].is_object()
                             ? read_object(list[i], at, vocabulary)
                             : Threshold{{}, read_comparison(list[i], at, vocabulary), false, 0, at});
  }
  return thresholds;
}

ordered_json to_json(const Threshold& threshold) {
  ordered_json json = {{"threshold", to_text(threshold.metric)}};
  if (threshold.abort_on_fail) json["abort_on_fail"] = true;
  if (threshold.grace_s > 0) json["grace_s"] = threshold.grace_s;
  return json;
}

}  // namespace walsoak::scenario
