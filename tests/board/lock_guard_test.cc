// The lock guard: a lock that no other descriptor's close takes away, one descriptor a file, and what it
// keeps another process from.
#include "harness/boards/board/lock_guard.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "harness/base/proc/descriptor_table.h"
#include "harness/boards/board/connect.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

namespace fs = std::filesystem;

observer::DescriptorCounts kernel_of(const Board& board) {
  return observer::KernelLedger({{"b01", board.path}})
      .look(os::read_descriptor_table(::getpid()))
      .at("b01")
      .counts.value();
}

class LockGuard : public testing::Test {
 protected:
  const tests::Boards boards_;
  const Board board_ = boards_.seeded();
  LockGuards guards_;
};

TEST_F(LockGuard, IsOneDescriptorWithALockOfItsOwnHoweverOftenItIsTaken) {
  for (int connects = 0; connects < 3; ++connects) guards_.take(board_.path, LockGuards::kSharedRange);
  EXPECT_EQ(guards_.held(board_.path), 1);
  EXPECT_EQ(guards_.held("/boards/another"), 0);
  EXPECT_EQ(kernel_of(board_).main, 1);
  EXPECT_EQ(kernel_of(board_).lock_main_ofd, 1);
}

TEST_F(LockGuard, OutlastsARawReadThatDropsThePosixLocks) {
  Settings settings = tests::settings_with({{"lock_guard", "main"}});
  sqlite::ApiLedger api;
  Connector connector(settings, api);
  const auto connection =
      connector.connect(board_, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread);
  connection->value("read", "SELECT count(*) FROM tasks");
  EXPECT_EQ(kernel_of(board_).lock_main_posix, 1);
  check_header_raw(board_.path);
  EXPECT_EQ(kernel_of(board_).lock_main_posix, 0);
  EXPECT_EQ(kernel_of(board_).lock_main_ofd, 1);
  EXPECT_EQ(connector.guards(board_.path), 1);
}

TEST_F(LockGuard, IsNotTakenUnlessAskedFor) {
  Settings settings = tests::settings_with({});
  sqlite::ApiLedger api;
  Connector connector(settings, api);
  const auto connection =
      connector.connect(board_, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread);
  EXPECT_EQ(connector.guards(board_.path), 0);
  EXPECT_EQ(kernel_of(board_).lock_main_ofd, 0);
}

TEST_F(LockGuard, AReplacedBoardGetsItsOwn) {
  guards_.take(board_.path, LockGuards::kSharedRange);
  fs::copy_file(board_.path, board_.path + ".new");
  fs::rename(board_.path + ".new", board_.path);
  guards_.take(board_.path, LockGuards::kSharedRange);
  EXPECT_EQ(guards_.held(board_.path), 2) << "the old one's close would drop the locks on what is still held";
}

TEST_F(LockGuard, OfAFileThatIsNotThereFailsTheConnect) {
  EXPECT_THROW(guards_.take(board_.path + "-none", LockGuards::kSharedRange), AppError);
  EXPECT_EQ(guards_.held(board_.path + "-none"), 0);
}

TEST_F(LockGuard, KeepsTheSidecarsThroughTheLastClose) {
  Settings settings = tests::settings_with({{"lock_guard", "main"}});
  sqlite::ApiLedger api;
  Connector connector(settings, api);
  connector.connect(board_, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread)->close();
  EXPECT_TRUE(fs::exists(board_.path + "-wal")) << "no exclusive lock, no unlink";
}

TEST_F(LockGuard, OnTheIndexAsWellOutlastsARawReadOfTheShm) {
  for (const char* guard : {"main", "both"}) {
    const Board board = boards_.seeded(std::string("b-") + guard);
    Settings settings = tests::settings_with({{"lock_guard", guard}});
    sqlite::ApiLedger api;
    Connector connector(settings, api);
    const auto connection =
        connector.connect(board, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread);
    connection->value("read", "SELECT count(*) FROM tasks");
    os::read_file(board.path + "-shm");  // whose close drops the POSIX lock on byte 128
    EXPECT_EQ(kernel_of(board).lock_shm_dms, std::string(guard) == "both" ? 1 : 0) << guard;
  }
}

TEST_F(LockGuard, OnTheIndexIsNoneInARollbackMode) {
  const Board board = boards_.seeded("b02", {{"journal_mode", "delete"}});
  Settings settings = tests::settings_with({{"lock_guard", "both"}, {"journal_mode", "delete"}});
  sqlite::ApiLedger api;
  Connector connector(settings, api);
  connector.connect(board, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread)->close();
  EXPECT_EQ(connector.guards(board.path), 1);
}

}  // namespace
}  // namespace walsoak::board
