// Reads the JSON text of a scenario more strictly than a parser does by default: a key that stands twice in
// one object is an error, because only one of its values could count.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace walsoak::scenario {

// Keys keep the order of the text. Throws ScenarioError: "<file>:<line>:<column>: ..." (from 1, columns in
// bytes) for text that is no JSON, "<file>: <pointer>: ..." for a key that stands twice.
nlohmann::ordered_json parse_strict(std::string_view text, const std::string& file);

// The same for a file, which is named as `path` spells it. Throws ScenarioError where it cannot be read.
nlohmann::ordered_json read_strict(const std::filesystem::path& path);

}  // namespace walsoak::scenario
