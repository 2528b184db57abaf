// Reading a board that other processes use, or have used, without changing anything for them.
#pragma once

#include <filesystem>
#include <string>

#include "harness/board/acknowledgements.h"
#include "harness/board/board.h"

namespace walsoak::checker {

struct Look {
  board::AcknowledgedRows rows;
  std::string how;  // "mode=ro" or "byte copy"
};

// Rows of a live board: through a read-only connection where the board has a -wal; from a byte copy below `scratch`
// where it has none, since a read-only open would create one. A read-only connection cannot take the exclusive lock
// that a last close needs, so it never unlinks a sidecar. Throws sqlite::Error.
Look look_outside(const board::Board& board, const std::filesystem::path& scratch);

struct FinalLook {
  board::AcknowledgedRows rows;
  std::string integrity;  // "ok", or the first line of what integrity_check said
};

// Copies main file and -wal by bytes into `folder` (inside a run folder) and reads the copy, WAL recovery included.
// Throws sqlite::Error where the copy cannot be read.
FinalLook look_at_copy(const board::Board& board, const std::filesystem::path& folder);

}  // namespace walsoak::checker
