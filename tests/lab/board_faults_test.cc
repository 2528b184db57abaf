// Faults on a board's files: which inode the path has, what is in it, and that nothing outside the run folder
// is touched.
#include "harness/lab/session/board_faults.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/os/temporary_folder.h"

namespace walsoak::lab {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::ThrowsMessage;

// Two pages of a size that the header tells, as SQLite writes it.
std::string pages(std::size_t size) {
  std::string content(2 * size, 'p');
  content.replace(0, 16, std::string("SQLite format 3\0", 16));
  content[16] = static_cast<char>(size == 65536 ? 0 : size / 256);
  content[17] = static_cast<char>(size == 65536 ? 1 : 0);
  return content;
}

class BoardFaultsTest : public testing::Test {
 protected:
  BoardFaultsTest() { write(pages(4096)); }

  void write(const std::string& content) {
    run_.make_folder(fs::path(board_.main_path).parent_path());
    std::ofstream(board_.main_path, std::ios::binary) << content;
  }
  std::string content() const { return os::read_file(board_.main_path); }
  ino_t inode() const {
    struct stat facts {};
    EXPECT_EQ(::stat(board_.main_path.c_str(), &facts), 0);
    return facts.st_ino;
  }
  void add_sidecars() {
    for (const char* suffix : {"-wal", "-shm"}) std::ofstream(board_.main_path + suffix) << "x";
  }
  bool has(const char* suffix) const { return fs::exists(board_.main_path + suffix); }

  tests::TemporaryFolder base_;
  os::RunFolder run_ = os::RunFolder::create(base_ / "run");
  observer::BoardFiles board_{"b01", (run_.path() / "boards/b01/kanban.db").string()};
  BoardFaults faults_{run_, run_.path() / "backups"};
};

TEST_F(BoardFaultsTest, ByRenameThePathHasAnotherInode) {
  faults_.back_up(board_);
  const os::Descriptor held(::open(board_.main_path.c_str(), O_RDONLY | O_CLOEXEC));
  const ino_t before = inode();
  std::ofstream(board_.main_path, std::ios::app) << "later";
  faults_.replace(board_, "rename", /*remove_sidecars=*/false);
  EXPECT_NE(inode(), before);
  EXPECT_EQ(content(), pages(4096));
  struct stat facts {};
  ASSERT_EQ(::fstat(held.get(), &facts), 0);
  EXPECT_EQ(facts.st_nlink, 0u) << "who has it open goes on with the file that is gone";
  EXPECT_EQ(facts.st_size, 2 * 4096 + 5);
}

TEST_F(BoardFaultsTest, InPlaceItKeepsItsInodeAndEndsWhereTheBackupEnds) {
  faults_.back_up(board_);
  const ino_t before = inode();
  std::ofstream(board_.main_path, std::ios::app) << "later";
  faults_.replace(board_, "in-place", /*remove_sidecars=*/false);
  EXPECT_EQ(inode(), before);
  EXPECT_EQ(content(), pages(4096));
}

TEST_F(BoardFaultsTest, SidecarsStayOrGoAndMayBeMissing) {
  faults_.back_up(board_);
  add_sidecars();
  for (const char* how : {"rename", "in-place"}) {
    faults_.replace(board_, how, /*remove_sidecars=*/false);
    EXPECT_TRUE(has("-wal") && has("-shm")) << how;
    faults_.replace(board_, how, /*remove_sidecars=*/true);
    EXPECT_FALSE(has("-wal") || has("-shm")) << how;
    EXPECT_NO_THROW(faults_.replace(board_, how, /*remove_sidecars=*/true)) << how;
    add_sidecars();
  }
}

TEST_F(BoardFaultsTest, WithoutABackupNothingIsReplaced) {
  EXPECT_THROW(faults_.replace(board_, "rename", true), std::system_error);
  EXPECT_EQ(content(), pages(4096));
}

TEST_F(BoardFaultsTest, ACorruptHeaderIsItsFirst16Bytes) {
  const ino_t before = inode();
  faults_.corrupt(board_, "header");
  EXPECT_EQ(content(), std::string(16, '#') + pages(4096).substr(16));
  EXPECT_EQ(inode(), before);
}

TEST_F(BoardFaultsTest, ACorruptPageIsTheSecondOfTheBoardsOwnSize) {
  for (const std::size_t size : {512u, 1024u, 4096u, 32768u, 65536u}) {
    write(pages(size));
    faults_.corrupt(board_, "page");
    EXPECT_EQ(content(), pages(size).substr(0, size) + std::string(size, '#')) << size;
  }
}

TEST_F(BoardFaultsTest, APageIsFoundBehindAHeaderThatIsCorruptToo) {
  faults_.corrupt(board_, "header");
  faults_.corrupt(board_, "page");
  EXPECT_EQ(content().substr(4096), std::string(4096, '#'));
  EXPECT_EQ(content().substr(16, 4080), pages(4096).substr(16, 4080));
}

TEST_F(BoardFaultsTest, WhatLiesOutsideTheRunFolderIsRefused) {
  const observer::BoardFiles users{"b09", base_.write("users.db", pages(4096))};
  const auto refused = ThrowsMessage<std::runtime_error>(HasSubstr("refused"));
  EXPECT_THAT([&] { faults_.corrupt(users, "header"); }, refused);
  EXPECT_THAT([&] { faults_.corrupt(users, "page"); }, refused);
  faults_.back_up(users);  // reads it alone
  EXPECT_THAT([&] { faults_.replace(users, "rename", false); }, refused);
  EXPECT_THAT([&] { faults_.replace(users, "in-place", true); }, refused);
  EXPECT_EQ(os::read_file(users.main_path), pages(4096));
  fs::remove(board_.main_path);
  fs::create_symlink(users.main_path, board_.main_path);
  EXPECT_THAT([&] { faults_.corrupt(board_, "header"); }, refused);
  EXPECT_EQ(os::read_file(users.main_path), pages(4096));
  const BoardFaults elsewhere(run_, base_.path() / "backups");
  EXPECT_THAT([&] { elsewhere.back_up(users); }, refused);
}

TEST_F(BoardFaultsTest, WhoHasTheBoardOrASidecarOpenIsCountedOnce) {
  add_sidecars();
  EXPECT_EQ(faults_.holders(board_), 0);
  const os::Descriptor wal(::open((board_.main_path + "-wal").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(faults_.holders(board_), 1);
  const os::Descriptor main(::open(board_.main_path.c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(faults_.holders(board_), 1) << "this process, by two files";
  fs::remove(board_.main_path + "-wal");
  EXPECT_EQ(faults_.holders({"b02", board_.main_path + ".other"}), 0);
}

TEST_F(BoardFaultsTest, AFileThatWasDeletedIsStillHeld) {
  add_sidecars();
  const os::Descriptor wal(::open((board_.main_path + "-wal").c_str(), O_RDONLY | O_CLOEXEC));
  fs::remove(board_.main_path + "-wal");
  EXPECT_EQ(faults_.holders(board_), 1);
}

TEST_F(BoardFaultsTest, TheFlockLastsAsLongAsItsDescriptor) {
  const auto is_free = [&] {
    const os::Descriptor other(::open((board_.main_path + ".lock").c_str(), O_RDWR | O_CLOEXEC));
    return ::flock(other.get(), LOCK_EX | LOCK_NB) == 0;
  };
  os::Descriptor held = faults_.hold_flock(board_);
  EXPECT_FALSE(is_free());
  held.reset();
  EXPECT_TRUE(is_free());
}

}  // namespace
}  // namespace walsoak::lab
