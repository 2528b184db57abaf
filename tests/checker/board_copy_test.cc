// What a board is worth after everybody has ended: a byte copy of main and -wal, recovered and checked.
#include <fstream>

#include "tests/checker/holders.h"

namespace walsoak::checker {
namespace {

namespace fs = std::filesystem;
using BoardCopyTest = LookTest;

void overwrite(const std::string& path, std::streamoff at, std::size_t bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file << std::string(bytes, '\xa5');
}

TEST_F(BoardCopyTest, RecoversTheWalOfWhoDidNotCloseAndLeavesTheOriginal) {
  {
    const tests::ForkedChild holder([&] { hold(board_, 4); });
  }
  const auto before = folder_of(board_);
  EXPECT_GT(fs::file_size(board_.path + "-wal"), 0u);
  {
    BoardCopy copy(board_, scratch() / "b01");
    EXPECT_EQ(copy.rows(), rows_to(4));
    EXPECT_EQ(copy.integrity(), "ok");
  }
  EXPECT_EQ(folder_of(board_), before);
}

// The rows of the test above are in the -wal alone.
TEST_F(BoardCopyTest, WithoutTheWalItsRowsAreLost) {
  {
    const tests::ForkedChild holder([&] { hold(board_, 4); });
  }
  fs::remove(board_.path + "-wal");
  EXPECT_TRUE(BoardCopy(board_, scratch() / "b01").rows().empty());
}

TEST_F(BoardCopyTest, AnOlderCopysSidecarsAreNoPartOfTheNewOne) {
  {
    const tests::ForkedChild holder([&] { hold(board_, 4); });
    fs::create_directories(scratch() / "b01");
    for (const char* suffix : {"", "-wal"}) {
      fs::copy_file(board_.path + suffix, scratch() / "b01" / ("kanban.db" + std::string(suffix)));
    }
  }
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(board_.path + suffix);
  EXPECT_TRUE(BoardCopy(board_, scratch() / "b01").rows().empty());
}

TEST_F(BoardCopyTest, DamageIsToldInOneLine) {
  // Every page of the file but the first: no table is as its schema says.
  overwrite(board_.path, 4096, fs::file_size(board_.path) - 4096);
  BoardCopy copy(board_, scratch() / "b01");
  const std::string integrity = copy.integrity();
  EXPECT_NE(integrity, "ok");
  EXPECT_FALSE(integrity.empty());
  EXPECT_EQ(integrity.find('\n'), std::string::npos);
  EXPECT_THROW(copy.rows(), sqlite::Error);
}

TEST_F(BoardCopyTest, AnIndexThatHasLostARowIsDamageThoughEveryRowIsThere) {
  tests::Look(board_).execute(
      "INSERT INTO acknowledgements VALUES ('w0001', 1);"
      "PRAGMA writable_schema=ON;"
      "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'events_by_task')"
      " WHERE name = 'tasks_by_assignee'");
  BoardCopy copy(board_, scratch() / "b01");
  EXPECT_EQ(copy.rows(), rows_to(1));
  EXPECT_NE(copy.integrity(), "ok");
}

TEST_F(BoardCopyTest, WhatIsNoDatabaseIsAnErrorOfIntegrity) {
  overwrite(board_.path, 0, 4096);
  BoardCopy copy(board_, scratch() / "b01");
  try {
    copy.integrity();
    ADD_FAILURE() << "a database";
  } catch (const sqlite::Error& error) {
    EXPECT_EQ(error.code(), SQLITE_NOTADB);
  }
}

TEST_F(BoardCopyTest, ABoardThatIsGoneCannotBeCopied) {
  EXPECT_THROW(BoardCopy(boards_.named("b09"), scratch() / "b09"), sqlite::Error);
}

TEST_F(BoardCopyTest, CopiesAreMadeInsideARunFolderOnly) {
  EXPECT_THROW(BoardCopy(board_, boards_.outside("copies")), std::runtime_error);
  EXPECT_FALSE(fs::exists(boards_.outside("copies")));
}

}  // namespace
}  // namespace walsoak::checker
