// What a scenario file says about itself: name, title and question, for lists and reports.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::scenario {

struct Heading {
  std::string name;
  std::string title;
  std::string question;
};

// Also checks the version of the format. Throws ScenarioError.
Heading read_heading(const nlohmann::ordered_json& document, const std::filesystem::path& path);

}  // namespace walsoak::scenario
