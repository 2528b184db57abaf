// Reading a board that other processes use, or have used, without changing anything for them.
#pragma once

#include <filesystem>
#include <string>

#include "harness/boards/board/acknowledgements.h"
#include "harness/boards/board/board.h"
#include "harness/boards/sqlite/connection.h"

namespace walsoak::checker {

struct Look {
  board::AcknowledgedRows rows;
  std::string how;  // "mode=ro" or "byte copy"
};

// Rows of a live board: through a read-only connection where the board has a -wal; from a byte copy below
// `scratch` where it has none, since a read-only open would create one. A read-only connection cannot take
// the exclusive lock that a last close needs, so it never unlinks a sidecar. Throws sqlite::Error.
Look look_outside(const board::Board& board, const std::filesystem::path& scratch);

// The same from a byte copy whatever there is: a connection, though it only reads, takes locks and may be the
// one that rebuilds the -shm. Exact while nobody writes. Throws sqlite::Error.
Look look_at_copy(const board::Board& board, const std::filesystem::path& scratch);

// A byte copy of main file and -wal in `folder` (inside a run folder), read with WAL recovery: what a board
// is worth after everybody has ended. Throws sqlite::Error where the copy cannot be read.
class BoardCopy {
 public:
  BoardCopy(const board::Board& board, const std::filesystem::path& folder);

  // "ok", or the first line of what integrity_check says.
  std::string integrity();
  board::AcknowledgedRows rows();

 private:
  sqlite::ApiLedger ledger_;
  sqlite::Connection connection_;
};

}  // namespace walsoak::checker
