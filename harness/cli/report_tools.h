// What turns a stored run into pictures and a page: Python programs of scripts/. Where Python, a module or a
// script is missing, or one fails, a line on stderr says so and the report goes without.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace walsoak::cli {

// Draws what the run supports into its folder `pictures`: PNGs for report.md, and SVGs for report.html where
// those are asked for.
void draw_pictures(const std::filesystem::path& folder, bool svg);

// What field reports say beside what the run measured, as report/field.h takes it, in JSON.
std::optional<std::string> field_table_of(const std::filesystem::path& folder);

// The whole report.html of report::page, with the pictures that the folder has; nothing where it cannot be
// made.
std::optional<std::string> html_of(const std::filesystem::path& folder, const nlohmann::ordered_json& page);

// In the program that the desktop has for it; does not wait for its end.
void open_for_the_user(const std::filesystem::path& file);

}  // namespace walsoak::cli
