#include "harness/model/scenario/list.h"

#include <algorithm>
#include <system_error>

#include "harness/base/shared/nearest.h"
#include "harness/model/scenario/heading.h"
#include "harness/model/scenario/presets.h"
#include "harness/model/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

namespace fs = std::filesystem;

bool is_scenario_file(const fs::path& path) {
  return path.extension() == ".json" && path.filename() != kPresetFile &&
         path.stem().extension() != ".schema";
}

// The part of a path that could be a name: "scenarios/quik.json" is compared with the names as "quik".
std::string name_in(fs::path asked) {
  asked.replace_extension();
  if (asked.is_absolute()) return asked.filename().string();
  if (asked.begin() != asked.end() && *asked.begin() == "scenarios")
    return asked.lexically_relative("scenarios").string();
  return asked.string();
}

}  // namespace

std::vector<ScenarioListing> list_scenarios(const fs::path& folder) {
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, error);
  if (error)
    Place{folder.string(), ""}.fail("cannot be read: " + error.message(), "valid: a folder of scenarios");
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : entries) {
    if (entry.is_regular_file() && is_scenario_file(entry.path())) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<ScenarioListing> listings;
  for (const fs::path& path : paths) {
    Heading heading = read_heading(read_strict(path), path);
    listings.push_back({std::move(heading.name), std::move(heading.title), path});
  }
  return listings;
}

fs::path find_scenario(const std::string& asked, const fs::path& folder) {
  // Not only regular files: a shell's <(...) is a pipe.
  if (fs::exists(asked) && !fs::is_directory(asked)) return asked;
  if (folder.empty()) Place{asked, ""}.fail("no such file", "valid: a scenario file");
  for (const fs::path& below : {folder, folder.parent_path()}) {
    for (const fs::path& path : {below / asked, below / (asked + ".json")}) {
      if (fs::is_regular_file(path) && is_scenario_file(path)) return path;
    }
  }
  std::vector<std::string> names;
  for (const ScenarioListing& listing : list_scenarios(folder)) {
    if (listing.name == asked) return listing.path;
    names.push_back(listing.name);
    names.push_back(listing.path.lexically_relative(folder).replace_extension().string());
  }
  Place{asked, ""}.fail(
      fs::is_directory(asked) ? "is a folder" : "no such file, and no scenario of that name",
      what_is_valid(name_in(asked), views(names), "walsoak list scenarios"));
}

}  // namespace walsoak::scenario
