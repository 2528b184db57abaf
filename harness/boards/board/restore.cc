#include "harness/boards/board/restore.h"

#include "harness/base/os/run_folder.h"
#include "harness/boards/sqlite/connection.h"

namespace walsoak::board {

using sqlite::Connection;

void restore_board(const Board& board, const std::string& source) {
  os::RunFolder::containing(board.path).inside(board.path);
  sqlite::ApiLedger ledger;
  Connection::Options options{.actor = sqlite::Actor::checker};
  Connection to(board.path, options, ledger);
  options.flags = SQLITE_OPEN_READONLY;
  Connection from(source, options, ledger);
  sqlite3_backup* const backup = sqlite3_backup_init(to.handle(), "main", from.handle(), "main");
  if (backup == nullptr) to.fail("backup");
  sqlite3_backup_step(backup, /*pages: all*/ -1);
  // finish() returns the error of the step.
  if (sqlite3_backup_finish(backup) != SQLITE_OK) to.fail("backup");
  from.close();
  to.close();
}

}  // namespace walsoak::board
