#include "harness/model/cells/scenario.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "harness/model/cells/cell_expectations.h"
#include "harness/model/cells/cells.h"
#include "harness/model/cells/rules.h"
#include "harness/model/scenario/field.h"
#include "harness/model/scenario/heading.h"
#include "harness/model/scenario/matrix.h"
#include "harness/model/scenario/presets.h"
#include "harness/model/scenario/shape.h"
#include "harness/model/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

constexpr const char* kNoFix = "none";

// A scenario file with every value in it checked; what is left is to expand and to match.
struct Parsed {
  Layers layers;
  std::vector<ExpectationEntry> expectations;
  std::vector<ThresholdEntry> thresholds;
};

Parsed parse(const ordered_json& document, const Place& file, const fs::path& path,
             const fs::path& default_folder, const Vocabulary& vocabulary) {
  Parsed parsed;
  const auto member = [&document](const char* key) {
    const auto found = document.find(key);
    return found == document.end() ? nullptr : &*found;
  };
  if (const ordered_json* preset = member("preset")) {
    parsed.layers.base = read_preset(*preset, file.at("preset"), path, default_folder, vocabulary);
  }
  if (const ordered_json* settings = member("settings")) {
    auto own = read_assignments(*settings, file.at("settings"), Layer::settings, vocabulary);
    std::move(own.begin(), own.end(), std::back_inserter(parsed.layers.base));
  }
  const ordered_json* matrix = member("matrix");
  parsed.layers.combinations =
      expand_matrix(matrix != nullptr ? *matrix : ordered_json::object(), file.at("matrix"), vocabulary);
  if (const ordered_json* control = member("control")) {
    parsed.layers.controls = read_groups(*control, file.at("control"), Layer::control, vocabulary);
  }
  if (const ordered_json* expect = member("expect")) {
    parsed.expectations = read_expectations(*expect, file.at("expect"), vocabulary);
  }
  if (const ordered_json* thresholds = member("thresholds")) {
    parsed.thresholds = read_thresholds(*thresholds, file.at("thresholds"), vocabulary);
  }
  if (const ordered_json* field = member("field")) check_field(*field, file.at("field"), vocabulary);
  return parsed;
}

// What the fixes that anything names would lay over a cell.
std::map<std::string, std::vector<Assignment>> read_fixes(const Layers& layers, const fs::path& path,
                                                          const fs::path& default_folder,
                                                          const Vocabulary& vocabulary) {
  std::map<std::string, std::vector<Assignment>> fixes;
  const auto read = [&](const std::vector<Assignment>& assignments) {
    for (const Assignment& assignment : assignments) {
      if (assignment.setting->name != "fix" || assignment.value == kNoFix) continue;
      fixes[assignment.value.get<std::string>()] =
          read_preset(assignment.value, assignment.place, path, default_folder, vocabulary);
    }
  };
  read(layers.base);
  for (const auto& combination : layers.combinations) read(combination);
  for (const auto& control : layers.controls) read(control);
  read(layers.overrides);
  return fixes;
}

using Fixes = std::map<std::string, std::vector<Assignment>>;

bool names(const std::vector<Assignment>& assignments, std::string_view setting) {
  return std::any_of(assignments.begin(), assignments.end(),
                     [&](const Assignment& assignment) { return assignment.setting->name == setting; });
}

// Whether a setting differs only because the fixes name it: cells of the same fix all have the same value.
bool follows_from_fix(const std::vector<Draft>& drafts, const Fixes& fixes, std::string_view setting) {
  const bool named =
      std::any_of(fixes.begin(), fixes.end(), [&](const auto& fix) { return names(fix.second, setting); });
  if (!named) return false;
  std::map<nlohmann::json, nlohmann::json> value_with;
  bool fixes_differ = false;
  for (const Draft& draft : drafts) {
    fixes_differ = fixes_differ || draft.value("fix") != drafts.front().value("fix");
    const auto [entry, added] = value_with.try_emplace(draft.value("fix"), draft.value(setting));
    if (!added && entry->second != draft.value(setting)) return false;
  }
  return fixes_differ;
}

std::vector<std::string> differing_settings(const std::vector<Draft>& drafts, const Fixes& fixes) {
  std::vector<std::string> differing;
  for (const SettingInfo& setting : settings_table()) {
    const bool differs = std::any_of(drafts.begin(), drafts.end(), [&](const Draft& draft) {
      return draft.value(setting.name) != drafts.front().value(setting.name);
    });
    if (differs && !follows_from_fix(drafts, fixes, setting.name)) differing.emplace_back(setting.name);
  }
  return differing;
}

std::vector<Cell> finish(const std::vector<Draft>& drafts, const std::vector<std::string>& axes) {
  const std::size_t width = std::max<std::size_t>(2, fmt::formatted_size("{}", drafts.size()));
  const auto id = [width](std::size_t index) { return fmt::format("c{:0{}}", index + 1, width); };
  std::vector<Cell> cells;
  for (const Draft& draft : drafts) {
    Cell cell{id(cells.size()), draft.settings(), ordered_json::object(), std::nullopt, {}, std::nullopt};
    for (const std::string& axis : axes) cell.differs[axis] = cell.settings[axis];
    if (draft.control_of) cell.control_of = id(*draft.control_of);
    for (const std::size_t control : draft.controls) cell.controls.push_back(id(control));
    cells.push_back(std::move(cell));
  }
  return cells;
}

// A whole number from 1 on at the top of the file; 1 where it is left out.
std::int64_t read_number(const ordered_json& document, const Place& file, const char* key, std::int64_t most,
                         const char* what) {
  const auto number = document.find(key);
  if (number == document.end()) return 1;
  if (!number->is_number_integer() || *number < 1 || *number > most) {
    file.at(key).fail(fmt::format("{} is no number of {}", shown(*number), what),
                      fmt::format("valid: a whole number from 1 to {}", most));
  }
  return number->get<std::int64_t>();
}

// A fix laid over a whole scenario wins over its matrix: cells that differ only in what it sets would be
// merged into one. A matrix that has fixes as an axis says itself which of them meet which values.
void refuse_fix_of_matrix(const Layers& layers) {
  for (const auto& combination : layers.combinations) {
    if (names(combination, "fix") && !names(layers.overrides, "fix")) continue;
    Draft cell;
    cell.lay(layers.base);
    cell.lay(layers.overrides);
    const auto fix = layers.fixes.find(cell.value("fix").get<std::string>());
    if (fix == layers.fixes.end()) continue;
    for (const Assignment& varied : combination) {
      const std::string_view setting = varied.setting->name;
      if (!names(fix->second, setting) || names(layers.overrides, setting)) continue;
      varied.place.fail(fmt::format("fix {} sets {}, which the matrix names", fix->first, setting),
                        fmt::format("valid: a matrix without {}, or another fix", setting));
    }
  }
}

Scenario build(const Parsed& parsed, const ordered_json& document, const Heading& heading,
               const fs::path& path) {
  const Place file{path.string(), ""};
  refuse_fix_of_matrix(parsed.layers);
  const std::vector<Draft> drafts = expand_cells(parsed.layers);
  for (const Draft& draft : drafts) check_rules(draft);

  Scenario scenario{
      heading.name, heading.title, heading.question, path, document, {}, 1, 1, false, false, {}};
  scenario.jobs = read_number(document, file, "jobs", 64, "cells side by side");
  scenario.repeat =
      read_number(document, file, "repeat", kMostRepeats, "times that each cell is carried out");
  scenario.axes = differing_settings(drafts, parsed.layers.fixes);
  scenario.cells = finish(drafts, scenario.axes);
  const auto expect = document.find("expect");
  scenario.expect_any = expect != document.end() && *expect == "any";
  scenario.has_expectations = expect != document.end() && !scenario.expect_any;
  const auto& overrides = parsed.layers.overrides;
  // What a scenario expects it expects of its conditions as they are; of a fix laid over them that it cures.
  const bool fixed = std::any_of(overrides.begin(), overrides.end(), [](const Assignment& assignment) {
    return assignment.setting->name == "fix" && assignment.value != "none";
  });
  const bool as_written = overrides.empty();
  if (fixed || expect == document.end()) {
    for (Cell& cell : scenario.cells) {
      if (!scenario.expect_any) cell.expected = Expectation::clean_or_churn();
    }
  } else if (scenario.has_expectations) {
    expect_of_cells(parsed.expectations, drafts, file.at("expect"), as_written, scenario.cells);
  }
  threshold_cells(parsed.thresholds, drafts, as_written, scenario.cells);
  return scenario;
}

}  // namespace

Scenario load_scenario(const fs::path& path, const Vocabulary& vocabulary, const Overrides& overrides,
                       const fs::path& default_folder) {
  constexpr std::array<std::string_view, 14> kKeys = {
      "$schema", "schema_version", "name",   "title",      "question", "preset", "settings",
      "matrix",  "control",        "expect", "thresholds", "jobs",     "repeat", "field"};
  const Place file{path.string(), ""};
  const ordered_json document = read_strict(path);
  const Heading heading = read_heading(document, path);  // first, as its version decides what the keys are
  require_keys(document, file, kKeys);
  Parsed parsed = parse(document, file, path, default_folder, vocabulary);
  parsed.layers.fixes = read_fixes(parsed.layers, path, default_folder, vocabulary);
  Scenario as_written = build(parsed, document, heading, path);
  if (overrides.empty()) return as_written;
  parsed.layers.overrides = read_overrides(overrides, vocabulary);
  parsed.layers.fixes = read_fixes(parsed.layers, path, default_folder, vocabulary);
  return build(parsed, document, heading, path);
}

}  // namespace walsoak::scenario
