// A restore as #95531 has it: through SQLite's backup API, which writes into the live database as any writer
// does.
#pragma once

#include <string>

#include "harness/boards/board/board.h"

namespace walsoak::board {

// Copies the database `source`, which is only read, over the board's pages in one transaction. The board must
// lie inside a run folder. Throws sqlite::Error, also where another connection keeps the board locked for 30
// s.
void restore_board(const Board& board, const std::string& source);

}  // namespace walsoak::board
