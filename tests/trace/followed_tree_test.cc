#include "harness/field/strace/followed_tree.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <system_error>

namespace walsoak::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr pid_t kPid = 100;
constexpr std::int64_t kStart = 1000000;
const std::string kLibrary = "/lib/libsqlite3.so";

os::OpenDescriptor file(int fd, const std::string& path, ino_t inode, std::vector<os::FileLock> locks = {}) {
  return {fd, path, false, 1, inode, std::move(locks)};
}

os::FileLock shared() {
  return {os::FileLock::Kind::posix, os::FileLock::Mode::read, kMainRange.first + 2, kMainRange.last};
}
os::FileLock dead_man() {
  return {os::FileLock::Kind::posix, os::FileLock::Mode::read, 128, 128};
}

// A process that holds a.db open in WAL mode through 3, 4 and 5, and /other through 6.
class FollowedTreeTest : public ::testing::Test {
 protected:
  std::vector<os::OpenDescriptor> table_ = {file(3, "/d/a.db", 11, {shared()}), file(4, "/d/a.db-wal", 12),
                                            file(5, "/d/a.db-shm", 13, {dead_man()}), file(6, "/other", 14)};
  std::map<std::string, ino_t> inodes_ = {{"/d/a.db", 11}, {"/d/a.db-wal", 12}, {"/d/a.db-shm", 13},
                                          {"/other", 14},  {"/d/link", 11},     {"/d/b.db", 21}};
  std::map<pid_t, pid_t> process_of_;
  std::set<pid_t> refused_;
  std::vector<std::string> lost_;
  std::vector<pid_t> programs_;
  std::vector<LockLoss> losses_;
  std::unique_ptr<FollowedTree> tree_;
  std::int64_t t_us_ = kStart;

  ProcessView view() {
    ProcessView view;
    view.table = [this](pid_t pid) {
      if (refused_.contains(pid)) throw std::system_error(EACCES, std::generic_category());
      return pid == kPid ? std::optional(table_) : std::nullopt;
    };
    view.identify = [this](pid_t, const std::string& path) {
      const auto found = inodes_.find(path);
      return found == inodes_.end() ? std::nullopt : std::optional(FileId{1, found->second});
    };
    view.process_of = [this](pid_t tid) {
      const auto found = process_of_.find(tid);
      return found == process_of_.end() ? std::nullopt : std::optional(found->second);
    };
    return view;
  }
  void start(bool stacks = false) {
    tree_ = std::make_unique<FollowedTree>(
        view(), stacks,
        FollowedTree::Takers{[this](pid_t pid, LockLoss loss) {
                               lost_.push_back(fmt::format("{} {} {} {}", pid, loss.call.name, loss.path,
                                                           loss.wal_index() ? "shm" : "main"));
                               losses_.push_back(std::move(loss));
                             },
                             [this](pid_t pid) { programs_.push_back(pid); }});
    ASSERT_TRUE(tree_->start(kPid, kStart));
  }
  void says(const std::string& call, pid_t tid = kPid) { line(++t_us_, tid, call); }
  void line(std::int64_t t_us, pid_t tid, const std::string& call) {
    tree_->add(fmt::format("{} {}.{:06} {}\n", tid, t_us / 1000000, t_us % 1000000, call));
  }
  // With the frame that makes it, in this module.
  void says_from(const std::string& module, const std::string& call) {
    says(call);
    tree_->add(" > /usr/lib/libc.so.6(f+0x1) [0x1]\n > " + module + "(g+0x1) [0x2]\n");
  }
  static std::string lock(int fd, const std::string& path, const std::string& type, std::uint64_t from,
                          int length) {
    return fmt::format("fcntl({}<{}>, F_SETLK, {{l_type={}, l_whence=SEEK_SET, l_start={}, l_len={}}}) = 0",
                       fd, path, type, from, length);
  }
  void read_header() {
    says(R"(openat(AT_FDCWD</d>, "a.db", O_RDONLY) = 7</d/a.db>)");
    says("close(7</d/a.db>) = 0");
  }
};

TEST_F(FollowedTreeTest, ALockThatWasThereBeforeIsLostByAClose) {
  start();
  EXPECT_THAT(tree_->process(kPid)->locked(), ElementsAre("/d/a.db"));
  read_header();
  EXPECT_THAT(lost_, ElementsAre("100 close /d/a.db main"));
  ASSERT_EQ(losses_[0].locks.size(), 1U);
  EXPECT_EQ(losses_[0].locks[0].fd, 3);
  EXPECT_THAT(tree_->process(kPid)->locked(), IsEmpty());
  read_header();
  EXPECT_EQ(lost_.size(), 1U);
}

TEST_F(FollowedTreeTest, EachCallThatClosesIsOne) {
  for (const char* call :
       {"dup2(6</other>, 7</d/a.db>) = 7</other>", "dup3(6</other>, 7</d/a.db>, O_CLOEXEC) = 7</other>",
        "close_range(7, 4294967295, 0) = 0", "close(7</d/a.db>) = -1 EIO (Input/output error)"}) {
    lost_.clear();
    start();
    says(R"(open("/d/link", O_RDONLY) = 7</d/link>)");
    says(call);
    EXPECT_EQ(lost_.size(), 1U) << call;
  }
}

TEST_F(FollowedTreeTest, WhatClosesNothingOfTheDatabaseLosesNothing) {
  start();
  says(R"(openat(AT_FDCWD</d>, "a.db", O_RDONLY) = 7</d/a.db>)");
  says("close(9</d/a.db>) = -1 EBADF (Bad file descriptor)");
  says("dup2(7</d/a.db>, 7</d/a.db>) = 7</d/a.db>");
  says("dup2(6</other>, 7</d/a.db>) = -1 EBADF (Bad file descriptor)");
  says("close_range(7, 4294967295, CLOSE_RANGE_CLOEXEC) = 0");
  says("close(6</other>) = 0");
  says("close(4</d/a.db-wal>) = 0");
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(FollowedTreeTest, ADuplicateIsTheSameFile) {
  start();
  says("dup(3</d/a.db>) = 8</d/a.db>");
  says("fcntl(8</d/a.db>, F_DUPFD_CLOEXEC, 20) = 20</d/a.db>");
  says("close_range(20, 30, 0) = 0");
  EXPECT_EQ(lost_.size(), 1U);
}

TEST_F(FollowedTreeTest, WhatSqliteReleasesIsNotLost) {
  start();
  says(lock(3, "/d/a.db", "F_UNLCK", 0, 0));
  says("close(5</d/a.db-shm>(deleted)) = 0");
  says("close(4</d/a.db-wal>(deleted)) = 0");
  says("close(3</d/a.db>) = 0");
  EXPECT_THAT(lost_, IsEmpty());
}

// Takes the shared bytes once for the process, for writing, and never unlocks them.
TEST_F(FollowedTreeTest, WhatTheVfsUnixExclReleasesByItsClosesIsNotLost) {
  start();
  const auto open_both = [this] {
    lost_.clear();
    says(R"(openat(AT_FDCWD</d>, "b.db", O_RDWR|O_CREAT, 0644) = 8</d/b.db>)");
    says(R"(openat(AT_FDCWD</d>, "b.db", O_RDWR|O_CREAT, 0644) = 9</d/b.db>)");
    says(lock(8, "/d/b.db", "F_WRLCK", kMainRange.first + 2, 510));
  };
  open_both();
  says("close(9</d/b.db>) = 0");
  says("close(8</d/b.db>) = 0");
  EXPECT_THAT(lost_, IsEmpty());
  open_both();
  says(R"(openat(AT_FDCWD</d>, "b.db", O_RDONLY) = 10</d/b.db>)");
  says("close(10</d/b.db>) = 0");
  EXPECT_THAT(lost_, ElementsAre("100 close /d/b.db main"));
}

TEST_F(FollowedTreeTest, ALockThatIsTakenLaterIsLostToo) {
  start();
  says(R"(openat(AT_FDCWD</d>, "/d/b.db", O_RDWR) = 9</d/b.db>)");
  says(lock(9, "/d/b.db", "F_RDLCK", kMainRange.first + 2, 510));
  says(lock(9, "/d/b.db", "F_WRLCK", kMainRange.first + 1, 1));
  says(lock(9, "/d/b.db", "F_UNLCK", kMainRange.first + 1, 1));
  says(R"(openat(AT_FDCWD</d>, "/d/b.db", O_RDONLY) = 10</d/b.db>)");
  says("close(10</d/b.db>) = 0");
  EXPECT_THAT(lost_, ElementsAre("100 close /d/b.db main"));
  EXPECT_EQ(losses_[0].locks.size(), 1U);
}

TEST_F(FollowedTreeTest, ALockThatWasRefusedOrIsNotSqlitesIsNone) {
  table_.resize(1);
  table_[0].locks.clear();
  start();
  says(
      "fcntl(3</d/a.db>, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=1073741826, l_len=510}) = -1 "
      "EAGAIN (x)");
  says(lock(3, "/d/a.db", "F_RDLCK", 0, 0));
  says(
      "fcntl(3</d/a.db>, F_OFD_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=1073741826, l_len=510}) = "
      "0");
  read_header();
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(FollowedTreeTest, CallsThatBeganBeforeTheSnapshotLoseNothing) {
  start();
  line(kStart - 1, kPid, "close(7</d/a.db>) = 0");
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(FollowedTreeTest, AThreadSharesTheLocksAndAChildHasNone) {
  start();
  says("clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x1} => {parent_tid=[101]}, 88) = 101");
  says("clone(child_stack=NULL, flags=CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x1) = 102");
  says("close_range(3, 100, 0) = 0", 102);
  EXPECT_THAT(lost_, IsEmpty());
  says(R"(openat(AT_FDCWD</d>, "a.db", O_RDONLY) = 7</d/a.db>)", 101);
  says("close(7</d/a.db>) = 0", 101);
  EXPECT_THAT(lost_, ElementsAre("100 close /d/a.db main"));
}

TEST_F(FollowedTreeTest, AChildThatSpeaksBeforeItIsKnownIsNoThread) {
  start();
  says("vfork( <unfinished ...>");
  says("close(3</d/a.db>) = 0", 102);
  EXPECT_THAT(lost_, IsEmpty());
  process_of_[103] = kPid;
  says(R"(openat(AT_FDCWD</d>, "a.db", O_RDONLY) = 7</d/a.db>)", 103);
  says("close(7</d/a.db>) = 0", 103);
  EXPECT_EQ(lost_.size(), 1U);
}

TEST_F(FollowedTreeTest, WhereAProcessHasEndedFilesAreKnownByTheirNames) {
  start();
  says(R"(openat(AT_FDCWD</d>, "c.db", O_RDWR) = 9</d/c.db>)");
  says(lock(9, "/d/c.db", "F_RDLCK", kMainRange.first + 2, 510));
  inodes_.clear();
  says(R"(openat(AT_FDCWD</d>, "c.db", O_RDONLY) = 10</d/c.db>)");
  says("close(10</d/c.db>) = 0");
  read_header();
  EXPECT_THAT(lost_, ElementsAre("100 close /d/c.db main", "100 close /d/a.db main"));
}

TEST_F(FollowedTreeTest, AnotherProgramHasNoLocks) {
  start();
  says(R"(execve("/bin/true", ["true"], 0x1 /* 3 vars */) = 0)");
  read_header();
  EXPECT_THAT(lost_, IsEmpty());
}

// As strace writes it for a thread that is not the first: the first one's number goes on, and it alone.
TEST_F(FollowedTreeTest, AProgramThatAnyThreadStartsIsAnother) {
  for (const char* half : {"<pid changed to 100 ...>", "<unfinished ...>"}) {
    programs_.clear();
    start();
    says("clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x1} => {parent_tid=[101]}, 88) = 101");
    says(
        "fcntl(6</other>, F_SETLKW, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=1, l_len=1} <unfinished "
        "...>");
    says(std::string(R"(execve("/bin/true", ["true"], 0x1 /* 3 vars */ )") + half, 101);
    says("+++ superseded by execve in pid 101 +++");
    says("<... execve resumed>) = 0");
    EXPECT_THAT(programs_, ElementsAre(kPid)) << half;
    read_header();
    EXPECT_THAT(lost_, IsEmpty()) << half;
  }
}

TEST_F(FollowedTreeTest, AProgramHasNoThreadsOfTheOneBefore) {
  start();
  says("clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x1} => {parent_tid=[101]}, 88) = 101");
  says(R"(execve("/bin/true", ["true"], 0x1 /* 3 vars */) = 0)");
  says("clone(child_stack=NULL, flags=SIGCHLD) = 101");
  says(lock(3, "/d/a.db", "F_RDLCK", kMainRange.first + 2, 510));
  says("close(3</d/a.db>) = 0", 101);
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(FollowedTreeTest, AChildThatMayNotBeLookedAtIsFollowedByItsCalls) {
  start();
  refused_ = {102, 103};
  process_of_ = {{102, 102}, {103, 103}};
  says("clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>");
  for (const pid_t child : {102, 103}) {
    says(lock(3, "/d/a.db", "F_RDLCK", kMainRange.first + 2, 510), child);
    if (child == 102) says("<... clone resumed>) = 102");
    if (child == 102) says("clone(child_stack=NULL, flags=SIGCHLD) = 103");
  }
  says(R"(execve("/bin/true", ["true"], 0x1 /* 3 vars */) = 0)", 103);
  says(lock(3, "/d/a.db", "F_RDLCK", kMainRange.first + 2, 510), 103);
  for (const pid_t child : {102, 103}) says("close(3</d/a.db>) = 0", child);
  EXPECT_THAT(programs_, ElementsAre(103));
  EXPECT_THAT(lost_, ElementsAre("102 close /d/a.db main", "103 close /d/a.db main"));
}

TEST_F(FollowedTreeTest, AProcessThatMayNotBeLookedAtIsNoneToBeginWith) {
  refused_ = {kPid};
  EXPECT_FALSE(view().table_if_allowed(kPid));
  EXPECT_THROW(start(), std::system_error);
  refused_.clear();
  EXPECT_EQ(view().table_if_allowed(kPid)->size(), table_.size());
}

// The number of a child that ended before its parent's call did is free for another.
TEST_F(FollowedTreeTest, AChildThatHasEndedIsNotMadeByTheEndOfTheCall) {
  start();
  says("vfork( <unfinished ...>");
  says("close(6</other>) = 0", 102);
  says("+++ exited with 127 +++", 102);
  says("<... vfork resumed>) = 102");
  says("clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x1} => {parent_tid=[102]}, 88) = 102");
  says(R"(openat(AT_FDCWD</d>, "a.db", O_RDONLY) = 7</d/a.db>)", 102);
  says("close(7</d/a.db>) = 0", 102);
  EXPECT_THAT(lost_, ElementsAre("100 close /d/a.db main"));
}

TEST_F(FollowedTreeTest, WithAStackASecondSqliteThatUnlocksIsSeen) {
  table_.resize(1);
  table_[0].locks.clear();
  start(true);
  says_from(kLibrary, lock(3, "/d/a.db", "F_RDLCK", kMainRange.first + 2, 510));
  says_from("/app/bundled.so", lock(7, "/d/a.db", "F_RDLCK", kMainRange.first + 2, 510));
  says_from("/app/bundled.so", lock(7, "/d/a.db", "F_UNLCK", 0, 0));
  tree_->end();
  EXPECT_THAT(lost_, ElementsAre("100 fcntl /d/a.db main"));
  EXPECT_EQ(caller_of(losses_[0].call)->module, "/app/bundled.so");
}

TEST_F(FollowedTreeTest, WithoutAStackWhoeverUnlocksIsTheOwner) {
  start();
  says(lock(7, "/d/a.db", "F_UNLCK", 0, 0));
  read_header();
  EXPECT_THAT(lost_, IsEmpty());
}

TEST_F(FollowedTreeTest, WhatTheKernelStillHasIsPutBack) {
  start();
  read_header();
  FollowedProcess& process = *tree_->process(kPid);
  EXPECT_FALSE(process.holds_again(losses_[0]));
  process.put_back(losses_[0]);
  EXPECT_TRUE(process.holds_again(losses_[0]));
  read_header();
  EXPECT_EQ(lost_.size(), 2U);
}

}  // namespace
}  // namespace walsoak::trace
