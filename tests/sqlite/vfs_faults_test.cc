// Faults of the VFS: which operation fails, with which code, and that SQLite lives through it.
#include "harness/boards/sqlite/vfs_faults.h"

#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

std::vector<int> codes(VfsFaults& faults, int operations, VfsOperation operation = VfsOperation::write,
                       VfsFileKind file = VfsFileKind::wal, const char* database = "/a") {
  std::vector<int> seen;
  for (int i = 0; i < operations; ++i) seen.push_back(faults.due(operation, file, database).value_or(0));
  return seen;
}

TEST(VfsFaultsAlone, TheNthAndAsManyAsCounted) {
  VfsFaults faults;
  EXPECT_FALSE(faults.any());
  faults.set({.after = 3, .count = 2, .code = SQLITE_FULL});
  EXPECT_TRUE(faults.any());
  EXPECT_EQ(codes(faults, 6), (std::vector{0, 0, SQLITE_FULL, SQLITE_FULL, 0, 0}));
  EXPECT_FALSE(faults.any()) << "spent";
}

TEST(VfsFaultsAlone, CountZeroIsAllUntilItIsCleared) {
  VfsFaults faults;
  faults.set({.number = 4, .after = 2, .count = 0, .code = SQLITE_FULL});
  EXPECT_EQ(codes(faults, 4), (std::vector{0, SQLITE_FULL, SQLITE_FULL, SQLITE_FULL}));
  faults.clear(5);
  EXPECT_EQ(codes(faults, 1), std::vector{SQLITE_FULL}) << "another's number";
  faults.clear(4);
  EXPECT_EQ(codes(faults, 2), (std::vector{0, 0}));
  EXPECT_FALSE(faults.any());
}

TEST(VfsFaultsAlone, OtherOperationsFilesAndDatabasesAreNotCounted) {
  VfsFaults faults;
  faults.set({.operation = VfsOperation::sync,
              .file = VfsFileKind::main,
              .database = "/a",
              .code = SQLITE_IOERR_FSYNC});
  EXPECT_EQ(codes(faults, 2, VfsOperation::write, VfsFileKind::main), (std::vector{0, 0}));
  EXPECT_EQ(codes(faults, 2, VfsOperation::sync, VfsFileKind::wal), (std::vector{0, 0}));
  EXPECT_EQ(codes(faults, 2, VfsOperation::sync, VfsFileKind::main, "/b"), (std::vector{0, 0}));
  EXPECT_EQ(codes(faults, 2, VfsOperation::sync, VfsFileKind::main), (std::vector{SQLITE_IOERR_FSYNC, 0}));
}

TEST(VfsFaultsAlone, TwoAtOnceCountEachForItselfAndEndEachForItself) {
  VfsFaults faults;
  faults.set({.number = 1, .after = 2, .count = 1, .code = SQLITE_FULL});
  faults.set({.number = 2, .after = 4, .count = 0, .code = SQLITE_IOERR_WRITE});
  EXPECT_EQ(codes(faults, 5), (std::vector{0, SQLITE_FULL, 0, SQLITE_IOERR_WRITE, SQLITE_IOERR_WRITE}));
  faults.set({.number = 3, .count = 0, .code = SQLITE_FULL});
  faults.clear(2);
  EXPECT_EQ(codes(faults, 1), std::vector{SQLITE_FULL});
}

// Through real connections. Faults are the process's: each test clears its own.
class VfsFaultsTest : public Database {
 protected:
  ~VfsFaultsTest() override {
    vfs_faults().clear(kNumber);
    const Handle after = open();
    EXPECT_EQ(after->value("check", "PRAGMA integrity_check"), "ok");
  }

  void set(VfsOperation operation, VfsFileKind file, int code, std::int64_t after = 1,
           std::int64_t count = 1) {
    vfs_faults().set({.number = kNumber,
                      .operation = operation,
                      .file = file,
                      .database = path_,
                      .after = after,
                      .count = count,
                      .code = code});
  }
  // The extended code of the error, or 0.
  template <typename Act>
  static int code_of(const Act& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.code();
    }
    return SQLITE_OK;
  }
  std::string rows() { return open()->value("rows", "SELECT count(*) FROM t"); }

  static constexpr std::int64_t kNumber = 1;
};

TEST_F(VfsFaultsTest, AWriteThatFailsLosesItsTransactionAndNoOther) {
  const Handle connection = open();
  insert(*connection);
  set(VfsOperation::write, VfsFileKind::wal, SQLITE_IOERR_WRITE);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_IOERR_WRITE);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_OK);
  EXPECT_EQ(rows(), "2");
}

TEST_F(VfsFaultsTest, TheNthWriteIsTheOneThatFails) {
  const Handle connection = open();
  insert(*connection);  // the header of the -wal is written
  set(VfsOperation::write, VfsFileKind::wal, SQLITE_FULL, /*after=*/5);
  int failed_at = 0;
  for (int i = 1; i <= 5 && failed_at == 0; ++i) {
    if (code_of([&] { insert(*connection); }) == SQLITE_FULL) failed_at = i;
  }
  // Each of these transactions writes one frame: its header, its page.
  EXPECT_EQ(failed_at, 3);
  EXPECT_EQ(rows(), "3");
}

TEST_F(VfsFaultsTest, AFullDiskIsFullUntilItIsCleared) {
  const Handle connection = open();
  set(VfsOperation::write, VfsFileKind::any, SQLITE_FULL, 1, 0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_FULL);
  vfs_faults().clear(kNumber);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_OK);
  EXPECT_EQ(rows(), "1");
}

TEST_F(VfsFaultsTest, TheFileKindIsKept) {
  const Handle connection = open();
  set(VfsOperation::write, VfsFileKind::main, SQLITE_IOERR_WRITE);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_OK) << "a commit goes to the -wal alone";
  EXPECT_EQ(code_of([&] { connection->execute("checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)"); }),
            SQLITE_IOERR_WRITE);
  EXPECT_EQ(rows(), "1");
}

TEST_F(VfsFaultsTest, AJournalIsAFileToo) {
  const Handle connection = open(Actor::dispatcher, "delete");
  set(VfsOperation::open, VfsFileKind::journal, SQLITE_CANTOPEN);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_CANTOPEN);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_OK);
  connection->close();
  EXPECT_EQ(rows(), "1");
}

TEST_F(VfsFaultsTest, AnOpenThatFailsIsInNoLedger) {
  open()->close();
  set(VfsOperation::open, VfsFileKind::main, SQLITE_CANTOPEN);
  EXPECT_EQ(code_of([&] { open(); }) & 0xff, SQLITE_CANTOPEN);
  EXPECT_EQ(vfs_.main.open, 0);
  EXPECT_EQ(api_.counts(path_).open(), 0);
  EXPECT_EQ(kernel(), observer::DescriptorCounts{});
  set(VfsOperation::open, VfsFileKind::wal, SQLITE_CANTOPEN);
  EXPECT_EQ(code_of([&] { open(); }) & 0xff, SQLITE_CANTOPEN);
  EXPECT_EQ(vfs_.wal.open, 0);
  EXPECT_EQ(kernel(), observer::DescriptorCounts{});
}

TEST_F(VfsFaultsTest, SharedMemoryLocksAndReadsFailLikewise) {
  open()->close();
  for (const auto& [operation, code] :
       {std::pair(VfsOperation::shm_map, SQLITE_IOERR_SHMMAP),
        std::pair(VfsOperation::lock, SQLITE_IOERR_LOCK), std::pair(VfsOperation::read, SQLITE_IOERR_READ)}) {
    set(operation, VfsFileKind::any, code, 1, 0);
    EXPECT_EQ(code_of([&] { open(); }), code);
    vfs_faults().clear(kNumber);
    EXPECT_EQ(vfs_.shm.open, 0);
    EXPECT_EQ(kernel(), observer::DescriptorCounts{});
  }
}

TEST_F(VfsFaultsTest, TemporaryFilesAreNobodysBoard) {
  const Handle connection = open();
  vfs_faults().set({.number = kNumber, .count = 0, .code = SQLITE_FULL});
  const auto before = vfs_.bytes_written.load();
  // A table that spills into a file of its own, in the connection's temporary database.
  EXPECT_EQ(code_of([&] {
              connection->execute(
                  "spill",
                  "PRAGMA temp_store=FILE; PRAGMA temp.cache_size=2; CREATE TEMP TABLE big AS "
                  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
                  "SELECT randomblob(4000) FROM n");
            }),
            SQLITE_OK);
  EXPECT_EQ(vfs_.bytes_written, before);
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_FULL);
}

TEST_F(VfsFaultsTest, AnotherDatabaseIsUntouched) {
  const Handle connection = open();
  vfs_faults().set({.number = kNumber, .database = path_ + ".other", .count = 0, .code = SQLITE_FULL});
  EXPECT_EQ(code_of([&] { insert(*connection); }), SQLITE_OK);
}

}  // namespace
}  // namespace walsoak::sqlite
