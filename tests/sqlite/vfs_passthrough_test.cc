// What the shim must not change: file controls, memory-mapped reads, versions, checkpoints. SQLite behaves as
// without it.
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "tests/os/temporary_folder.h"
#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

class VfsPassthrough : public Database {
 protected:
  void fill(Connection& connection, int rows) {
    connection.execute("fill", ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
                                std::to_string(rows) + ") INSERT INTO t SELECT randomblob(2000) FROM n")
                                   .c_str());
  }
  static bool mapped(const std::string& path) {
    std::ifstream maps("/proc/self/maps");
    const std::string text{std::istreambuf_iterator<char>(maps), {}};
    return text.find(path + "\n") != std::string::npos;
  }
  static sqlite3_file* file_of(const Connection& connection) {
    sqlite3_file* file = nullptr;
    EXPECT_EQ(sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
    return file;
  }
};

TEST_F(VfsPassthrough, TheNameAskedOfTheFileIsTheRealOne) {
  const Handle connection = open();
  char* name = nullptr;
  ASSERT_EQ(sqlite3_file_control(connection->handle(), "main", SQLITE_FCNTL_VFSNAME, &name), SQLITE_OK);
  EXPECT_STREQ(name, "unix");
  sqlite3_free(name);
}

TEST_F(VfsPassthrough, FileControlsReachTheFileAndAnswer) {
  const Handle connection = open();
  int persist = -1;
  ASSERT_EQ(sqlite3_file_control(connection->handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &persist),
            SQLITE_OK);
  EXPECT_EQ(persist, 0);
  persist = 1;
  ASSERT_EQ(sqlite3_file_control(connection->handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &persist),
            SQLITE_OK);
  connection->close();
  EXPECT_EQ(::access((path_ + "-wal").c_str(), F_OK), 0) << "the file was told to keep its -wal";
  EXPECT_EQ(sqlite3_file_control(open()->handle(), "main", 0x7fff, nullptr), SQLITE_NOTFOUND);
}

TEST_F(VfsPassthrough, AMovedFileIsNoticed) {
  const Handle connection = open();
  int moved = -1;
  ASSERT_EQ(sqlite3_file_control(connection->handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved), SQLITE_OK);
  EXPECT_EQ(moved, 0);
  std::filesystem::rename(path_, path_ + ".aside");
  ASSERT_EQ(sqlite3_file_control(connection->handle(), "main", SQLITE_FCNTL_HAS_MOVED, &moved), SQLITE_OK);
  EXPECT_EQ(moved, 1);
  std::filesystem::rename(path_ + ".aside", path_);
}

TEST_F(VfsPassthrough, DataVersionChangesWithAnothersCommitOnly) {
  const Handle reader = open();
  const Handle writer = open();
  const std::string before = reader->value("version", "PRAGMA data_version");
  insert(*reader);
  EXPECT_EQ(reader->value("version", "PRAGMA data_version"), before);
  insert(*writer);
  EXPECT_NE(reader->value("version", "PRAGMA data_version"), before);
}

TEST_F(VfsPassthrough, MemoryMappedReadsGoPastRead) {
  const auto bytes_of_a_scan = [&](const std::string& mmap_size, const std::string& sum) {
    const auto connection = std::make_unique<Connection>(path_, Connection::Options{}, api_);
    EXPECT_EQ(connection->value("mmap", ("PRAGMA mmap_size=" + mmap_size).c_str()), mmap_size);
    const std::int64_t before = vfs_.bytes_read;
    EXPECT_EQ(connection->value("scan", "SELECT sum(length(hex(x))) FROM t"), sum);
    EXPECT_EQ(mapped(path_), mmap_size != "0");
    return vfs_.bytes_read - before;
  };
  fill(*open(Actor::dispatcher, "delete"), 200);
  EXPECT_GE(bytes_of_a_scan("0", "800000"), 400000);
  // A few pages are read before the file is mapped (one with SQLite 3.40.1, two with 3.46.1), the table's are
  // not: twice the table costs the same.
  const std::int64_t once = bytes_of_a_scan("4194304", "800000");
  EXPECT_LT(once, 40000);
  fill(*open(Actor::dispatcher, "delete"), 200);
  EXPECT_EQ(bytes_of_a_scan("4194304", "1600000"), once);
  EXPECT_FALSE(mapped(path_)) << "unmapped at close";
}

TEST_F(VfsPassthrough, ACheckpointMovesThePagesIntoTheMainFile) {
  const Handle connection = open();
  fill(*connection, 50);
  Statement checkpoint(*connection, "checkpoint", "PRAGMA wal_checkpoint(TRUNCATE)");
  ASSERT_TRUE(checkpoint.step());
  EXPECT_EQ(checkpoint.integer(0), 0);
  const observer::FolderFacts facts = observer::read_folder_facts({"b01", path_});
  EXPECT_EQ(facts.wal.value().bytes, 0u);
  EXPECT_GT(facts.main.value().bytes, 100000u);
  EXPECT_EQ(connection->value("integrity", "PRAGMA integrity_check"), "ok");
}

TEST_F(VfsPassthrough, TheLastCloseRemovesBothSidecars) {
  Handle first = open();
  Handle last = open();
  insert(*last);
  first.reset();
  EXPECT_TRUE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_TRUE(std::filesystem::exists(path_ + "-shm"));
  last.reset();
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
}

TEST_F(VfsPassthrough, FilesHaveTheVersionAndTraitsOfTheRealOnes) {
  const Handle counted = open();
  const Handle plain = open(Actor::dispatcher, "wal", "unix");
  sqlite3_file* const ours = file_of(*counted);
  sqlite3_file* const theirs = file_of(*plain);
  ASSERT_NE(ours->pMethods, theirs->pMethods);
  EXPECT_EQ(ours->pMethods->iVersion, theirs->pMethods->iVersion);
  EXPECT_EQ(ours->pMethods->xSectorSize(ours), theirs->pMethods->xSectorSize(theirs));
  EXPECT_EQ(ours->pMethods->xDeviceCharacteristics(ours), theirs->pMethods->xDeviceCharacteristics(theirs));
}

// "unix-dotfile" has files of version 1, without shared memory: SQLite must not be told otherwise, or it
// would call into nothing. In a process of its own, since the shim is installed once over whatever is the
// default then.
int journal_mode_over_dotfile_locks() {
  if (sqlite3_vfs_register(sqlite3_vfs_find("unix-dotfile"), 1) != SQLITE_OK) return 1;
  install_counting_vfs();
  const tests::TemporaryFolder folder;
  ApiLedger ledger;
  Connection connection(folder / "old.db", {}, ledger);
  sqlite3_file* file = nullptr;
  sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file->pMethods->iVersion != 1) return 2;
  return connection.value("mode", "PRAGMA journal_mode=wal") == "delete" ? 0 : 3;
}

TEST(VfsPassthroughDeathTest, AnOldVfsStaysOld) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(std::exit(journal_mode_over_dotfile_locks()), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace walsoak::sqlite
