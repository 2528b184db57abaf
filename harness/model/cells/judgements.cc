#include "harness/model/cells/judgements.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "harness/model/scenario/shape.h"
#include "harness/model/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

bool meets(const ordered_json& settings, const std::vector<Assignment>& when) {
  return std::all_of(when.begin(), when.end(), [&settings](const Assignment& assignment) {
    const auto found = settings.find(std::string(assignment.setting->name));
    return found != settings.end() && nlohmann::json(*found) == assignment.value;
  });
}

constexpr std::string_view kValid =
    "valid: the run's own scenario with another `expect` or `thresholds`, or a file that has these two alone";

// The members that decide a scenario's cells, empty ones left out: two scenarios that agree in them have the
// same cells.
json cells_of(const ordered_json& document) {
  json cells = json::object();
  for (const char* key : {"preset", "settings", "matrix", "control"}) {
    const auto found = document.find(key);
    if (found != document.end() && !found->empty()) cells[key] = json(*found);
  }
  return cells;
}

std::string first_difference(const json& one, const json& other) {
  return json::diff(one, other).front().at("path").get<std::string>();
}

}  // namespace

Judgements::Judgements(const std::filesystem::path& path, const Vocabulary& vocabulary)
    : file_{path.string(), ""} {
  const ordered_json document = read_strict(path);
  require_object(document, file_);
  require_schema_version(document, file_);
  cells_ = cells_of(document);
  const auto expect = document.find("expect");
  const auto thresholds = document.find("thresholds");
  if (expect == document.end() && thresholds == document.end()) {
    file_.fail("has neither `expect` nor `thresholds` to judge by", kValid);
  }
  if (expect != document.end()) {
    any_ = *expect == "any";
    entries_ = read_expectations(*expect, file_.at("expect"), vocabulary);
  }
  if (thresholds != document.end()) {
    thresholds_ = read_thresholds(*thresholds, file_.at("thresholds"), vocabulary);
  }
}

std::optional<std::size_t> Judgements::scenario_among(const ordered_json& scenarios) const {
  if (cells_.empty()) return std::nullopt;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    if (cells_of(scenarios[i].at("content")) == cells_) return i;
  }
  if (scenarios.empty()) file_.fail("describes cells, but the run was made of no scenario", kValid);
  const ordered_json& run = scenarios.front();
  Place place = file_;
  if (scenarios.size() == 1) place.pointer = first_difference(cells_of(run.at("content")), cells_);
  place.fail(fmt::format("the cells are not those of the run, which was made of {}{}",
                         run.at("path").get<std::string>(), scenarios.size() == 1 ? "" : " and others"),
             kValid);
}

bool Judgements::speak_of(const ordered_json& settings) const {
  const auto met = [&settings](const auto& entry) { return meets(settings, entry.when); };
  return any_ || std::any_of(entries_.begin(), entries_.end(), met) ||
         std::any_of(thresholds_.begin(), thresholds_.end(), met);
}

ordered_json Judgements::of(const ordered_json& settings, ordered_json stored) const {
  if (any_) stored = Expectation{}.to_json();
  for (const ExpectationEntry& entry : entries_) {
    if (meets(settings, entry.when)) stored = entry.expectation.to_json();
  }
  stored.erase("thresholds");
  for (const ThresholdEntry& entry : thresholds_) {
    if (meets(settings, entry.when)) stored["thresholds"].push_back(entry.threshold.to_json());
  }
  return stored;
}

}  // namespace walsoak::scenario
