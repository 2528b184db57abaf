// The scenarios in a folder: all of them, for `walsoak list scenarios`, and the one that a command line
// names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace walsoak::scenario {

struct ScenarioListing {
  std::string name;
  std::string title;
  std::filesystem::path path;
};

// Every scenario file in a folder and the folders below it, in the order of their paths; preset files and
// JSON Schemas are none. Throws ScenarioError where one has no valid heading.
std::vector<ScenarioListing> list_scenarios(const std::filesystem::path& folder);

// The file that `asked` names. A file of that path comes first. Then, in `folder`, walsoak's own scenarios: a
// path from there or from above it, with or without .json ("quick", "field/28285", "scenarios/quick.json"),
// and last a name that list_scenarios gives. Throws ScenarioError, with the nearest name, where there is
// none. With an empty folder only a path names a scenario.
std::filesystem::path find_scenario(const std::string& asked, const std::filesystem::path& folder);

}  // namespace walsoak::scenario
