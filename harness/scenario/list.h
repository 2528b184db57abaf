// The scenarios in a folder, for `walsoak list scenarios`.
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

}  // namespace walsoak::scenario
