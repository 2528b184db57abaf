// A setting and the value that some part of a scenario gives it, checked, with the place where it was
// written. `sqlite` is a shorthand for up to three settings: a string sets all roles, an object those that it
// names.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/scenario/scenario_error.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::scenario {

// The names that only the subject program knows.
struct Vocabulary {
  std::vector<std::string> strategies;  // empty: any name is one
};

// What gives a setting its value; a later one lies over the earlier ones.
enum class Layer { preset, settings, matrix, override_, control };

struct Assignment {
  const SettingInfo* setting;  // a row of settings_table()
  nlohmann::json value;        // valid; a `number` is always a floating-point value here
  Place place;
  Layer layer;
};

// That a key is a setting or the shorthand. Throws ScenarioError.
void require_setting_name(std::string_view key, const Place& place);

// The assignments of one key: one, or those of the shorthand. Throws ScenarioError.
std::vector<Assignment> read_assignment(std::string_view key, const nlohmann::ordered_json& value,
                                        const Place& place, Layer layer, const Vocabulary& vocabulary);

// The assignments of an object, a group for each of its keys, in its order. That two keys set the same
// setting (one of them is the shorthand) is an error. Throws ScenarioError.
std::vector<std::vector<Assignment>> read_groups(const nlohmann::ordered_json& object, const Place& place,
                                                 Layer layer, const Vocabulary& vocabulary);

// The same without the groups.
std::vector<Assignment> read_assignments(const nlohmann::ordered_json& object, const Place& place,
                                         Layer layer, const Vocabulary& vocabulary);

// Refuses a setting that another key of the same object sets too.
class EachOnce {
 public:
  void add(std::string_view key, const std::vector<Assignment>& assignments);

 private:
  std::vector<std::pair<const SettingInfo*, std::string>> set_by_;
};

}  // namespace walsoak::scenario
