// Where a real SQLite puts its descriptors, locks and sidecars: the ranges that the ledger counts are
// SQLite's own. SQLite runs in child processes only; this one, the observer, opens no board.
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <stdexcept>

#include "harness/evidence/observer/kernel_ledger.h"
#include "harness/evidence/observer/sidecar_counts.h"
#include "tests/observer/unlocked_wal.h"
#include "tests/os/file_locks.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::observer {
namespace {

using tests::ForkedChild;

void execute(sqlite3* connection, const char* sql) {
  if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    throw std::runtime_error(sqlite3_errmsg(connection));
  }
}

sqlite3* connect(const std::string& path) {
  sqlite3* connection = nullptr;
  if (sqlite3_open(path.c_str(), &connection) != SQLITE_OK) throw std::runtime_error("sqlite3_open");
  execute(connection, "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(1)");
  return connection;
}

class RealSqliteTest : public testing::Test {
 protected:
  DescriptorCounts counts(const ForkedChild& child) {
    return ledger_.look(os::read_descriptor_table(child.pid())).at("b01").counts.value();
  }
  SidecarChanges changes() { return sidecars_.take().at("b01").value(); }

  tests::TemporaryFolder folder_;
  std::string main_ = folder_ / "kanban.db";
  KernelLedger ledger_{{{"b01", main_}}};
  SidecarWatch sidecars_{{{"b01", main_}}};
};

TEST_F(RealSqliteTest, AConnectionHoldsMainAndWalAndTheProcessOneShm) {
  const ForkedChild one([&] { connect(main_); });
  EXPECT_EQ(counts(one),
            (DescriptorCounts{.main = 1, .wal = 1, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
  const ForkedChild three([&] {
    for (int count = 0; count < 3; ++count) connect(main_);
  });
  EXPECT_EQ(counts(three),
            (DescriptorCounts{.main = 3, .wal = 3, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
}

TEST_F(RealSqliteTest, TheLastCloseUnlinksBothSidecars) {
  const ForkedChild child([&] { sqlite3_close(connect(main_)); });
  EXPECT_EQ(counts(child), DescriptorCounts{});
  EXPECT_EQ(changes(), (SidecarChanges{1, 1, 1, 1}));
}

TEST_F(RealSqliteTest, ALostLockLetsAnotherProcessUnlinkTheSidecarsThatAreHeld) {
  const ForkedChild holder([&] {
    connect(main_);
    ::close(tests::open_file(main_, O_RDONLY));
  });
  EXPECT_EQ(counts(holder), (DescriptorCounts{.main = 1, .wal = 1, .shm = 1, .lock_shm_dms = 1}));
  EXPECT_TRUE(holds_wal_without_lock(counts(holder)));
  EXPECT_EQ(changes(), (SidecarChanges{.wal_created = 1, .shm_created = 1}));

  const ForkedChild passer_by([&] { sqlite3_close(connect(main_)); });
  EXPECT_EQ(changes(), (SidecarChanges{.wal_unlinked = 1, .shm_unlinked = 1}));
  EXPECT_EQ(counts(holder),
            (DescriptorCounts{
                .main = 1, .wal = 1, .shm = 1, .wal_deleted = 1, .shm_deleted = 1, .lock_shm_dms = 1}));
}

// The control of the test above: nothing but the raw open differs.
TEST_F(RealSqliteTest, WithItsLockAHolderKeepsItsSidecars) {
  const ForkedChild holder([&] { connect(main_); });
  const ForkedChild passer_by([&] { sqlite3_close(connect(main_)); });
  EXPECT_EQ(changes(), (SidecarChanges{.wal_created = 1, .shm_created = 1}));
  EXPECT_EQ(counts(holder),
            (DescriptorCounts{.main = 1, .wal = 1, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
}

TEST_F(RealSqliteTest, LookingDoesNoHarm) {
  const ForkedChild holder([&] { connect(main_); });
  const DescriptorCounts first = counts(holder);
  for (int look = 0; look < 20; ++look) EXPECT_EQ(counts(holder), first);
  EXPECT_EQ(changes(), (SidecarChanges{.wal_created = 1, .shm_created = 1}));
}

}  // namespace
}  // namespace walsoak::observer
