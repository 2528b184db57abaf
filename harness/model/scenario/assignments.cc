#include "harness/model/scenario/assignments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>

#include "harness/base/shared/nearest.h"
#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kShorthand = "sqlite";
constexpr std::array<std::string_view, 3> kRoles = {"subject", "worker", "checker"};

// What stands before the valid values of a choice: the nearest of them, if a wrong word is near to one.
std::string hint_for(const SettingInfo& setting, const ordered_json& value) {
  if (setting.kind != SettingKind::choice || !value.is_string()) return {};
  const std::string_view meant = nearest(value.get_ref<const std::string&>(), setting.choices);
  return meant.empty() ? std::string() : fmt::format("did you mean \"{}\"? ", meant);
}

// A path as every later reader understands it, wherever walsoak was called from: what a file says starts at
// the folder of that file.
std::string resolved(const std::string& path, const Place& place, Layer layer) {
  namespace fs = std::filesystem;
  if (path.empty()) return path;
  const fs::path folder = layer == Layer::override_ ? fs::path() : fs::path(place.source).parent_path();
  return fs::absolute(folder / path).lexically_normal().string();
}

Assignment checked(const SettingInfo& setting, const ordered_json& value, const Place& place, Layer layer,
                   const Vocabulary& vocabulary) {
  const auto refuse = [&](const std::string& valid) {
    place.fail(fmt::format("{} is no value of {}", shown(value), setting.name), valid);
  };
  json own = value;
  if (const std::string why = why_invalid(setting, own); !why.empty()) {
    // Most who write a list want a cell for each of its values.
    refuse(hint_for(setting, value) + why +
           (value.is_array() && setting.kind != SettingKind::faults && layer == Layer::settings
                ? "; several values stand under matrix"
                : ""));
  }
  if (setting.name == "strategy" && !vocabulary.strategies.empty()) {
    require_name(value, place, "strategy", views(vocabulary.strategies), "walsoak list strategies");
  }
  if (setting.name.starts_with("sqlite.") && !is_sqlite_version(own.get_ref<const std::string&>())) {
    refuse("valid: system, or a version such as 3.40.1");
  }
  if (setting.name == "board_template") own = resolved(own.get_ref<const std::string&>(), place, layer);
  // 60 and 60.0 are the same value, so the cells that they make must be the same cell.
  if (setting.kind == SettingKind::number) own = own.get<double>();
  return {&setting, std::move(own), place, layer};
}

}  // namespace

void require_setting_name(std::string_view key, const Place& place) {
  std::vector<std::string_view> names{kShorthand};
  for (const SettingInfo& setting : settings_table()) names.push_back(setting.name);
  require_name(std::string(key), place, "setting", names, "walsoak list settings");
}

std::vector<Assignment> read_assignment(std::string_view key, const ordered_json& value, const Place& place,
                                        Layer layer, const Vocabulary& vocabulary) {
  require_setting_name(key, place);
  if (key != kShorthand) return {checked(*find_setting(key), value, place, layer, vocabulary)};
  if (!value.is_string() && !value.is_object()) {
    place.fail(fmt::format("{} is no value of {}", shown(value), kShorthand),
               "valid: a version for all roles, or an object with subject, worker, checker");
  }
  if (value.is_object()) {
    require_keys(value, place, kRoles);
    if (value.empty()) place.fail("names no role", "valid: an object with subject, worker, checker");
  }
  std::vector<Assignment> read;
  for (const std::string_view role : kRoles) {
    const SettingInfo& setting = *find_setting(fmt::format("{}.{}", kShorthand, role));
    if (value.is_string()) {
      read.push_back(checked(setting, value, place, layer, vocabulary));
    } else if (const auto found = value.find(std::string(role)); found != value.end()) {
      read.push_back(checked(setting, *found, place.at(role), layer, vocabulary));
    }
  }
  return read;
}

std::vector<std::vector<Assignment>> read_groups(const ordered_json& object, const Place& place, Layer layer,
                                                 const Vocabulary& vocabulary) {
  require_object(object, place);
  EachOnce each_once;
  std::vector<std::vector<Assignment>> groups;
  for (const auto& [key, value] : object.items()) {
    groups.push_back(read_assignment(key, value, place.at(key), layer, vocabulary));
    each_once.add(key, groups.back());
  }
  return groups;
}

std::vector<Assignment> read_assignments(const ordered_json& object, const Place& place, Layer layer,
                                         const Vocabulary& vocabulary) {
  std::vector<Assignment> all;
  for (auto& group : read_groups(object, place, layer, vocabulary)) {
    std::move(group.begin(), group.end(), std::back_inserter(all));
  }
  return all;
}

void EachOnce::add(std::string_view key, const std::vector<Assignment>& assignments) {
  for (const Assignment& assignment : assignments) {
    const auto found = std::find_if(set_by_.begin(), set_by_.end(),
                                    [&](const auto& entry) { return entry.first == assignment.setting; });
    if (found == set_by_.end()) {
      set_by_.emplace_back(assignment.setting, key);
    } else if (found->second != key) {
      assignment.place.fail(
          fmt::format("sets {}, as {} does", assignment.setting->name, shown(found->second)),
          "valid: each setting once");
    }
  }
}

}  // namespace walsoak::scenario
