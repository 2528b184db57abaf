// Restores a board through SQLite's backup API, as in #95531: a normal write transaction on the live
// database.
#pragma once

#include <string>

#include "harness/boards/board/board.h"

namespace walsoak::board {

// Copies `source` (read only) over the board in one transaction. The board must lie inside a run folder.
// Throws sqlite::Error, SQLITE_BUSY if the board stays locked for 30 s.
void restore_board(const Board& board, const std::string& source);

}  // namespace walsoak::board
