#include "harness/model/scenario/presets.h"

#include <algorithm>
#include <array>

#include "harness/base/shared/nearest.h"
#include "harness/model/scenario/shape.h"
#include "harness/model/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::vector<fs::path> preset_files(const fs::path& scenario_path, const fs::path& default_folder) {
  const fs::path folder = scenario_path.parent_path();
  std::vector<fs::path> candidates{folder / kPresetFile, (folder / ".." / kPresetFile).lexically_normal()};
  if (!default_folder.empty()) candidates.push_back(default_folder / kPresetFile);
  std::vector<fs::path> files;
  for (const fs::path& candidate : candidates) {
    if (!fs::is_regular_file(candidate)) continue;
    const bool seen = std::any_of(files.begin(), files.end(),
                                  [&](const fs::path& file) { return fs::equivalent(file, candidate); });
    if (!seen) files.push_back(candidate);
  }
  return files;
}

const ordered_json& presets_of(const ordered_json& document, const Place& file) {
  constexpr std::array<std::string_view, 3> kKeys = {"$schema", "schema_version", "presets"};
  require_keys(document, file, kKeys);
  require_schema_version(document, file);
  const ordered_json& presets = require_member(document, file, "presets", "valid: an object of presets");
  require_object(presets, file.at("presets"));
  return presets;
}

std::vector<Assignment> settings_of(const ordered_json& preset, const Place& place,
                                    const Vocabulary& vocabulary) {
  constexpr std::array<std::string_view, 5> kKeys = {"title", "thread", "state", "seen_in", "settings"};
  require_keys(preset, place, kKeys);
  if (const auto state = preset.find("state"); state != preset.end()) {
    require_name(*state, place.at("state"), "state", kFixStates);
  }
  for (const char* key : {"title", "thread", "seen_in"}) {
    if (const auto found = preset.find(key); found != preset.end()) require_string(*found, place.at(key));
  }
  const ordered_json& settings = require_member(preset, place, "settings", "valid: an object of settings");
  return read_assignments(settings, place.at("settings"), Layer::preset, vocabulary);
}

}  // namespace

std::vector<Assignment> read_preset(const ordered_json& name, const Place& place,
                                    const fs::path& scenario_path, const fs::path& default_folder,
                                    const Vocabulary& vocabulary) {
  const std::string& wanted = require_string(name, place);
  std::vector<std::string> known;
  for (const fs::path& path : preset_files(scenario_path, default_folder)) {
    const Place file{path.string(), ""};
    const ordered_json document = read_strict(path);
    const ordered_json& presets = presets_of(document, file);
    if (const auto found = presets.find(wanted); found != presets.end()) {
      return settings_of(*found, file.at("presets").at(wanted), vocabulary);
    }
    for (const auto& [key, preset] : presets.items()) known.push_back(key);
  }
  if (known.empty()) {
    place.fail("unknown preset " + shown(name),
               "valid: a preset of a fixes.json beside the scenario or above it");
  }
  place.fail("unknown preset " + shown(name), what_is_valid(wanted, views(known)));
}

std::vector<PresetListing> list_presets(const fs::path& folder) {
  const fs::path path = folder / kPresetFile;
  const ordered_json document = read_strict(path);
  std::vector<PresetListing> listings;
  const Place file{path.string(), ""};
  for (const auto& [name, preset] : presets_of(document, file).items()) {
    listings.push_back({name, preset.value("title", ""), preset.value("thread", ""),
                        preset.value("state", ""), preset.value("seen_in", ""),
                        preset.value("settings", ordered_json::object())});
  }
  return listings;
}

}  // namespace walsoak::scenario
