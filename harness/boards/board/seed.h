// Seeding: a new board with its schema and tasks, the same for the same seed.
#pragma once

#include <cstdint>
#include <string>

#include "harness/boards/board/board.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::board {

// "wal" or "delete": the setting journal_mode resolved for the SQLite of this process.
std::string journal_mode_name(const Settings& settings);

// Creates the file, which must not exist and must lie inside a run folder, in the cell's journal mode, and
// closes it: no sidecar is left. Throws sqlite::Error or std::runtime_error.
void seed_board(const Board& board, const Settings& settings, std::int64_t now_s);

}  // namespace walsoak::board
