// Presets: named groups of settings in a file `fixes.json`, so that a scenario can say "as proposed in that
// thread".
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/scenario/assignments.h"

namespace walsoak::scenario {

inline constexpr std::string_view kPresetFile = "fixes.json";

// The settings of the preset that `name` names. It is looked for in the folder of the scenario, in that
// folder's parent and in the default folder (unless empty); the first file that has it counts. Throws
// ScenarioError: at `place` where no file has it, in the preset file for what is wrong there.
std::vector<Assignment> read_preset(const nlohmann::ordered_json& name, const Place& place,
                                    const std::filesystem::path& scenario_path,
                                    const std::filesystem::path& default_folder,
                                    const Vocabulary& vocabulary);

// What became of a fix: kFixStates has the valid words. A condition is none, but what fixes are laid over.
inline constexpr std::string_view kFixStates[] = {"condition", "before", "proposed", "merged", "withdrawn"};

struct PresetListing {
  std::string name, title, thread, state;  // the last three may be empty
  std::string seen_in;                     // the scenario that varies its settings alone; may be empty
  nlohmann::ordered_json settings;         // an object: what it sets
};

// The presets of the folder's own file, in its order. Throws ScenarioError.
std::vector<PresetListing> list_presets(const std::filesystem::path& folder);

}  // namespace walsoak::scenario
