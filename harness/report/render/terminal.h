// The table of a run for a terminal or a log: plain text, one line a cell, and the answer below it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::report {

// Columns are aligned with spaces, no colours, a newline at the end. Throws nlohmann::json::exception on a
// summary that has not the shape of docs/record.md.
std::string summary_table(const nlohmann::ordered_json& summary);

}  // namespace walsoak::report
