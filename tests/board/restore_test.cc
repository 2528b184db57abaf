#include "harness/boards/board/restore.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "harness/boards/sqlite/connection.h"
#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

namespace fs = std::filesystem;

ino_t inode_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

TEST(Restore, WritesThroughTheFileThatOthersHaveOpen) {
  const tests::Boards boards;
  const Board board = boards.seeded();
  const std::string backup = board.path + ".backup";
  fs::copy_file(board.path, backup);
  sqlite::ApiLedger ledger;
  sqlite::Connection live(board.path, sqlite::Connection::Options{}, ledger);
  const std::string before = live.value("count", "SELECT count(*) FROM tasks");
  live.execute("delete", "DELETE FROM tasks");
  const ino_t inode = inode_of(board.path);
  restore_board(board, backup);
  EXPECT_EQ(inode_of(board.path), inode);
  EXPECT_EQ(live.value("count", "SELECT count(*) FROM tasks"), before)
      << "the connection that was open sees it";
  EXPECT_EQ(live.value("check", "PRAGMA integrity_check"), "ok");
}

TEST(Restore, NeverTouchesWhatWalsoakDidNotMake) {
  const fs::path foreign = fs::temp_directory_path() / "walsoak-restore-test.db";
  fs::remove(foreign);
  sqlite::ApiLedger ledger;
  {
    sqlite::Connection(foreign.string(), sqlite::Connection::Options{}, ledger)
        .execute("make", "CREATE TABLE t(x)");
  }
  const auto size = fs::file_size(foreign);
  EXPECT_ANY_THROW(restore_board({"b01", foreign.string(), 0}, foreign.string()));
  EXPECT_EQ(fs::file_size(foreign), size);
  fs::remove(foreign);
}

}  // namespace
}  // namespace walsoak::board
