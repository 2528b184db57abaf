// The equations between the API, VFS and kernel ledgers, at every quiet moment of healthy connections.
#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

using observer::DescriptorCounts;

class ThreeLedgers : public Database {};

TEST_F(ThreeLedgers, NobodyHasOpenedAnything) {
  expect_equations("nothing open");
  EXPECT_EQ(kernel(), DescriptorCounts{});
  EXPECT_EQ(vfs_.main.opens, 0);
}

TEST_F(ThreeLedgers, OneConnectionInWalMode) {
  Handle connection = open();
  expect_equations("open");
  EXPECT_EQ(kernel(),
            (DescriptorCounts{.main = 1, .wal = 1, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
  EXPECT_EQ(vfs_.main.open, 1);
  EXPECT_EQ(vfs_.wal.open, 1);
  EXPECT_EQ(vfs_.shm.open, 1);
  insert(*connection);
  expect_equations("written");
  connection.reset();
  expect_equations("closed");
  EXPECT_EQ(kernel(), DescriptorCounts{});
  EXPECT_EQ(vfs_.main.peak, 1);
}

TEST_F(ThreeLedgers, SeveralConnectionsInWalMode) {
  std::vector<Handle> handles;
  for (int open_now = 1; open_now <= 5; ++open_now) {
    handles.push_back(open());
    expect_equations("opened " + std::to_string(open_now));
    EXPECT_EQ(vfs_.main.open, open_now);
    EXPECT_EQ(vfs_.wal.open, open_now);
    EXPECT_EQ(vfs_.shm.open, open_now);
  }
  EXPECT_EQ(kernel(),
            (DescriptorCounts{.main = 5, .wal = 5, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
  while (!handles.empty()) {
    handles.pop_back();
    expect_equations("left " + std::to_string(handles.size()));
  }
  EXPECT_EQ(kernel(), DescriptorCounts{});
  EXPECT_EQ(vfs_.main.peak, 5);
  EXPECT_EQ(vfs_.wal.peak, 5);
  EXPECT_EQ(vfs_.shm.peak, 5);
}

TEST_F(ThreeLedgers, OpensAreCountedForGood) {
  for (int round = 0; round < 4; ++round) open();
  EXPECT_EQ(vfs_.main.opens, 4);
  EXPECT_EQ(vfs_.wal.opens, 4);
  EXPECT_EQ(vfs_.shm.opens, 4);
  EXPECT_EQ(vfs_.main.peak, 1);
  expect_equations("all closed");
}

TEST_F(ThreeLedgers, TheJournalIsOpenWhileATransactionWrites) {
  const Handle connection = open(Actor::dispatcher, "delete");
  expect_equations("open");
  EXPECT_EQ(kernel(), (DescriptorCounts{.main = 1}));
  const std::int64_t before = vfs_.journal.opens;
  connection->execute("BEGIN", "BEGIN IMMEDIATE");
  insert(*connection);
  expect_equations("in the transaction");
  EXPECT_EQ(kernel().journal, 1);
  EXPECT_EQ(vfs_.journal.open, 1);
  connection->execute("COMMIT", "COMMIT");
  expect_equations("committed");
  EXPECT_EQ(vfs_.journal.open, 0);
  EXPECT_EQ(vfs_.journal.opens, before + 1);
  EXPECT_EQ(vfs_.journal.peak, 1);
  EXPECT_EQ(vfs_.wal.opens, 0);
  EXPECT_EQ(vfs_.shm.opens, 0);
}

TEST_F(ThreeLedgers, SeveralConnectionsInDeleteMode) {
  auto handles = open_several(4, "delete");
  for (const Handle& handle : handles) insert(*handle);
  expect_equations("open");
  EXPECT_EQ(vfs_.main.open, 4);
  handles.clear();
  expect_equations("closed");
  EXPECT_EQ(kernel(), DescriptorCounts{});
}

TEST_F(ThreeLedgers, LeavingWalModeClosesAndUnmapsTheSidecarsOfAnOpenConnection) {
  const Handle connection = open();
  EXPECT_EQ(connection->value("mode", "PRAGMA journal_mode=delete"), "delete");
  EXPECT_EQ(kernel(), (DescriptorCounts{.main = 1}));
  expect_equations("in delete mode");
  EXPECT_EQ(vfs_.shm.open, 0);
  EXPECT_EQ(vfs_.wal.open, 0);
  EXPECT_EQ(connection->value("mode", "PRAGMA journal_mode=wal"), "wal");
  connection->value("read", "SELECT count(*) FROM t");
  expect_equations("back in wal mode");
  EXPECT_EQ(vfs_.shm.opens, 2);
}

TEST_F(ThreeLedgers, TwoDatabasesDoNotMix) {
  const Handle here = open();
  const std::string other = folder_ / "other.db";
  const Connection there(other, {}, api_);
  expect_equations("another database is open too");
  EXPECT_EQ(api_.counts(other).open(), 1);
  EXPECT_EQ(install_counting_vfs().of(other).main.open, 1);
}

TEST_F(ThreeLedgers, TemporaryFilesCountForNoDatabase) {
  const Handle connection = open();
  const std::int64_t read = vfs_.bytes_read, written = vfs_.bytes_written, syncs = vfs_.syncs;
  connection->execute("temporary",
                      "PRAGMA temp_store=FILE; PRAGMA cache_spill=1; CREATE TEMP TABLE u(x);"
                      "PRAGMA temp.cache_size=1;"
                      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
                      "INSERT INTO u SELECT randomblob(1000) FROM n");
  EXPECT_EQ(connection->value("rows", "SELECT count(*) FROM u"), "300");
  expect_equations("a temporary table on disk");
  EXPECT_EQ(vfs_.bytes_written, written);
  EXPECT_EQ(vfs_.bytes_read, read);
  EXPECT_EQ(vfs_.syncs, syncs);
}

}  // namespace
}  // namespace walsoak::sqlite
