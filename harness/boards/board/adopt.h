// Adopting: the byte copy of a user's board becomes a board of a cell, with the user's tasks on it.
#pragma once

#include <cstdint>
#include <string>

#include "harness/boards/board/board.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::board {

// The kind of error of a template that is no sound board or does not fit.
inline constexpr const char* kTemplate = "template";

// The copy lies at the board's path, inside a run folder, with the -wal that it had. It is recovered,
// checked, marked as walsoak's, set to the cell's journal mode and closed: no sidecar is left. Tasks keep
// their state, but nobody has a claim and nothing is acknowledged. `source`, which is not touched, is named
// in errors. Throws AppError of kind kTemplate in one line, or std::runtime_error.
void adopt_board(const Board& board, const Settings& settings, std::int64_t now_s, const std::string& source);

// A board like one that was adopted and that nobody has open. Throws std::system_error.
void copy_adopted(const Board& adopted, const Board& board);

}  // namespace walsoak::board
