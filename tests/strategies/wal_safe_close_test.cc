// wal-safe-close: a TRUNCATE checkpoint before each close, on every way out.
#include <gmock/gmock.h>

#include "tests/board/statement_trace.h"
#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using sqlite::Actor;

constexpr const char* kCheckpoint = "PRAGMA wal_checkpoint(TRUNCATE)";

class WalSafeClose : public testing::Test {
 protected:
  WalSafeClose() { host_.real_boards_ = true; }

  std::uintmax_t wal_bytes() const { return std::filesystem::file_size(board_.path + "-wal"); }

  tests::Boards boards_;
  board::Board board_ = boards_.seeded();
  FakeHost host_{"wal-safe-close"};
  std::unique_ptr<Strategy> strategy_ = make_strategy("wal-safe-close", host_);
};

TEST_F(WalSafeClose, CheckpointsLastAndCloses) {
  const tests::StatementTrace trace;
  EXPECT_TRUE(strategy_->use(board_, Actor::dispatcher, [&](sqlite::Connection& connection) {
    read_something(connection);
    EXPECT_EQ(host_.open(board_), 1);
  }));
  EXPECT_EQ(host_.open(board_), 0);
  ASSERT_GE(trace.statements().size(), 2u);
  EXPECT_EQ(trace.statements().back(), kCheckpoint);
  EXPECT_EQ(trace.statements()[trace.statements().size() - 2], "SELECT 40 + 2");
}

TEST_F(WalSafeClose, AnErrorIsFollowedByTheCheckpointToo) {
  const tests::StatementTrace trace;
  EXPECT_THROW(strategy_->use(board_, Actor::dispatcher, [](sqlite::Connection&) { fail_with(SQLITE_FULL); }),
               sqlite::Error);
  EXPECT_EQ(host_.open(board_), 0);
  EXPECT_EQ(trace.statements().back(), kCheckpoint);
}

// Where the close is not the last one, the checkpoint is what empties the -wal.
TEST_F(WalSafeClose, TheCheckpointEmptiesTheWalBesideAnotherConnection) {
  tests::Look stays(board_);
  stays.value("SELECT count(*) FROM tasks");
  strategy_->use(board_, Actor::dispatcher, [&](sqlite::Connection& connection) {
    connection.execute("write", "UPDATE tasks SET title = 'x'");
    EXPECT_GT(wal_bytes(), 0u);
  });
  EXPECT_EQ(wal_bytes(), 0u);
}

// The control: the same use of per-tick.
TEST_F(WalSafeClose, PerTickLeavesTheWalAsItIsBesideAnotherConnection) {
  tests::Look stays(board_);
  stays.value("SELECT count(*) FROM tasks");
  FakeHost host("per-tick");
  host.real_boards_ = true;
  make_strategy("per-tick", host)->use(board_, Actor::dispatcher, [](sqlite::Connection& connection) {
    connection.execute("write", "UPDATE tasks SET title = 'x'");
  });
  EXPECT_GT(wal_bytes(), 0u);
}

TEST_F(WalSafeClose, ACheckpointThatFailsDoesNotKeepTheConnectionOpen) {
  host_.settings_.busy_timeout_ms = 0;
  tests::Look reader(board_);
  reader.execute("BEGIN; SELECT count(*) FROM tasks");
  EXPECT_TRUE(strategy_->use(board_, Actor::dispatcher, [](sqlite::Connection& connection) {
    connection.execute("write", "UPDATE tasks SET title = 'x'");
  }));
  EXPECT_EQ(host_.open(board_), 0);
  EXPECT_GT(wal_bytes(), 0u) << "the reader held the checkpoint up";
}

}  // namespace
}  // namespace walsoak
