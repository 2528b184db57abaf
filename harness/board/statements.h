// The named statements of board.sql, compiled in.
#pragma once

#include <string>
#include <string_view>

namespace walsoak::board {

// Throws std::logic_error for a name that board.sql has not.
const std::string& statement(std::string_view name);

}  // namespace walsoak::board
