#include "harness/scenario/list.h"

#include <algorithm>
#include <system_error>

#include "harness/scenario/heading.h"
#include "harness/scenario/presets.h"
#include "harness/scenario/strict_json.h"

namespace walsoak::scenario {
namespace {

namespace fs = std::filesystem;

bool is_scenario_file(const fs::path& path) {
  return path.extension() == ".json" && path.filename() != kPresetFile &&
         path.stem().extension() != ".schema";
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

}  // namespace walsoak::scenario
