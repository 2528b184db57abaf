// The named statements of board.sql, compiled in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace walsoak::board {

// Throws std::logic_error for a name that board.sql has not.
const std::string& statement(std::string_view name);
// All names, `schema` among them, which alone is several statements.
std::vector<std::string> statement_names();

}  // namespace walsoak::board
