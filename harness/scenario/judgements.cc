#include "harness/scenario/judgements.h"

#include <algorithm>

#include "harness/scenario/shape.h"
#include "harness/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

bool meets(const ordered_json& settings, const std::vector<Assignment>& when) {
  return std::all_of(when.begin(), when.end(), [&settings](const Assignment& assignment) {
    const auto found = settings.find(std::string(assignment.setting->name));
    return found != settings.end() && nlohmann::json(*found) == assignment.value;
  });
}

}  // namespace

Judgements::Judgements(const std::filesystem::path& path, const Vocabulary& vocabulary) {
  const Place file{path.string(), ""};
  const ordered_json document = read_strict(path);
  require_object(document, file);
  require_schema_version(document, file);
  if (const auto expect = document.find("expect"); expect != document.end()) {
    any_ = *expect == "any";
    if (!any_) {
      require_array(*expect, file.at("expect"));
      entries_ = read_expectations(*expect, file.at("expect"), vocabulary);
    }
  }
  if (const auto thresholds = document.find("thresholds"); thresholds != document.end()) {
    thresholds_ = read_thresholds(*thresholds, file.at("thresholds"), vocabulary);
  }
}

ordered_json Judgements::of(const ordered_json& settings, ordered_json stored) const {
  if (any_) stored = to_json(Expectation{});
  for (const ExpectationEntry& entry : entries_) {
    if (meets(settings, entry.when)) stored = to_json(entry.expectation);
  }
  stored.erase("thresholds");
  for (const Threshold& threshold : thresholds_) {
    if (meets(settings, threshold.when)) stored["thresholds"].push_back(to_json(threshold));
  }
  return stored;
}

}  // namespace walsoak::scenario
