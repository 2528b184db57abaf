// Where the three ledgers part, one test a mechanism: what must be seen, and by which ledger.
#include <fcntl.h>

#include "harness/base/os/descriptor.h"
#include "tests/observer/unlocked_wal.h"
#include "tests/os/file_locks.h"
#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

using observer::DescriptorCounts;

class LedgersPart : public Database {};

// sqlite3_close_v2 with a statement that nobody finalized: the connection is closed by name only.
TEST_F(LedgersPart, ZombieConnectionsAreClosedForTheApiAndOpenForVfsAndKernel) {
  std::vector<sqlite3_stmt*> statements;
  for (int zombies = 1; zombies <= 3; ++zombies) {
    Handle connection = open();
    sqlite3_stmt* unfinalized = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(connection->handle(), "SELECT x FROM t", -1, &unfinalized, nullptr),
              SQLITE_OK);
    statements.push_back(unfinalized);
    connection->close();
    EXPECT_EQ(api_.counts(path_).open(), 0);
    EXPECT_EQ(vfs_.main.open, zombies);
    EXPECT_EQ(vfs_.wal.open, zombies);
    EXPECT_EQ(kernel().main, zombies);
    EXPECT_EQ(kernel().wal, zombies);
  }
  for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  expect_equations("finalized");
  EXPECT_EQ(kernel(), DescriptorCounts{});
}

// Closing would drop the locks of the others, so SQLite keeps the descriptor until nobody holds a lock.
TEST_F(LedgersPart, ParkedDescriptorsAreClosedForTheVfsAndOpenForTheKernel) {
  const Handle stays = open();
  auto others = open_several(3);
  for (int parked = 1; parked <= 3; ++parked) {
    others.pop_back();
    EXPECT_EQ(vfs_.main.open, 4 - parked);
    EXPECT_EQ(kernel().main, 4);
    EXPECT_EQ(kernel().wal, 4 - parked);
    expect_equations("parked " + std::to_string(parked));
  }
  EXPECT_EQ(vfs_.main.peak, 4);
}

TEST_F(LedgersPart, ParkedDescriptorsAreReusedAndBoundedByThePeak) {
  const Handle stays = open();
  open_several(3).clear();
  for (int round = 0; round < 10; ++round) {
    open();
    expect_equations("round " + std::to_string(round));
    EXPECT_EQ(kernel().main, 4);
  }
  EXPECT_EQ(vfs_.main.peak, 4);
  EXPECT_EQ(vfs_.main.opens, 14);
}

TEST_F(LedgersPart, ACheckpointReleasesNoParkedDescriptor) {
  const Handle stays = open();
  open_several(2).clear();
  insert(*stays);
  stays->execute("checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(kernel().main, 3);
}

TEST_F(LedgersPart, TheLastCloseReleasesTheParkedOnes) {
  Handle stays = open();
  open_several(3).clear();
  EXPECT_EQ(kernel().main, 4);
  stays.reset();
  EXPECT_EQ(kernel(), DescriptorCounts{});
  expect_equations("all closed");
}

// sqlite.org/howtocorrupt.html, 2.2: any close of the main file by this process drops its POSIX locks on it.
TEST_F(LedgersPart, ARawOpenAndCloseOfTheMainFileLosesTheLock) {
  const Handle connection = open();
  EXPECT_EQ(kernel().lock_main_posix, 1);
  ::close(tests::open_file(path_, O_RDONLY));
  const DescriptorCounts seen = kernel();
  EXPECT_EQ(seen.lock_main_posix, 0);
  EXPECT_EQ(seen.lock_main_ofd, 0);
  EXPECT_TRUE(observer::holds_wal_without_lock(seen));
  expect_equations("the counts do not show it");
}

// The control: the same open and close of another file.
TEST_F(LedgersPart, ARawOpenAndCloseOfTheWalLosesNoLock) {
  const Handle connection = open();
  ::close(tests::open_file(path_ + "-wal", O_RDONLY));
  EXPECT_EQ(kernel().lock_main_posix, 1);
  EXPECT_FALSE(observer::holds_wal_without_lock(kernel()));
}

TEST_F(LedgersPart, ARawDescriptorKeptOpenExceedsWhatCanBeParked) {
  const Handle connection = open();
  const os::Descriptor raw(tests::open_file(path_, O_RDONLY));
  const std::int64_t above = kernel().main - vfs_.main.open;
  EXPECT_EQ(above, 1);
  EXPECT_GT(above, vfs_.main.peak - vfs_.main.open);
  EXPECT_EQ(kernel().wal, vfs_.wal.open);
}

TEST_F(LedgersPart, AConnectionFromBeforeTheShimIsMissingFromTheVfsLedgerAlone) {
  const Handle unseen = open(Actor::dispatcher, "wal", "unix");
  EXPECT_EQ(api_.counts(path_).open(), 1);
  EXPECT_EQ(vfs_.main.open, 0);
  EXPECT_EQ(vfs_.wal.open, 0);
  EXPECT_EQ(vfs_.shm.open, 0);
  EXPECT_EQ(kernel(),
            (DescriptorCounts{.main = 1, .wal = 1, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
}

TEST_F(LedgersPart, ADeletedGenerationStaysHeld) {
  const Handle connection = open();
  ::unlink((path_ + "-wal").c_str());
  ::unlink((path_ + "-shm").c_str());
  EXPECT_EQ(kernel().wal_deleted, 1);
  EXPECT_EQ(kernel().shm_deleted, 1);
  expect_equations("the counts do not show it");
}

}  // namespace
}  // namespace walsoak::sqlite
