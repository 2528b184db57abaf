#include "harness/base/proc/descriptor_table.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <system_error>

#include "tests/os/file_locks.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

using Kind = FileLock::Kind;
using Mode = FileLock::Mode;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using tests::ForkedChild;
using tests::lock_bytes;
using tests::open_file;

std::vector<OpenDescriptor> entries(pid_t pid, const std::string& target) {
  std::vector<OpenDescriptor> found;
  const auto table = read_descriptor_table(pid);
  EXPECT_TRUE(table);
  if (table) {
    for (const OpenDescriptor& entry : *table) {
      if (entry.target == target) found.push_back(entry);
    }
  }
  return found;
}

TEST(ParseLocks, ReadsEachKindOfLock) {
  EXPECT_THAT(parse_locks("pos:\t0\nflags:\t0100002\nmnt_id:\t27\nino:\t131076\n"
                          "lock:\t1: POSIX  ADVISORY  READ 4711 fe:00:131076 1073741826 1073742335\n"
                          "lock:\t2: POSIX  ADVISORY  WRITE 0 fe:00:131076 120 120\n"
                          "lock:\t3: OFDLCK ADVISORY  READ  -1 fe:00:131076 0 EOF\n"
                          "lock:\t4: FLOCK  ADVISORY  WRITE 4711 fe:00:131076 0 EOF\n"),
              ElementsAre(FileLock{Kind::posix, Mode::read, 1073741826, 1073742335},
                          FileLock{Kind::posix, Mode::write, 120, 120},
                          FileLock{Kind::ofd, Mode::read, 0, FileLock::kToEnd},
                          FileLock{Kind::flock, Mode::write, 0, FileLock::kToEnd}));
}

TEST(ParseLocks, LeavesOutLeasesAndWhatIsNoLock) {
  EXPECT_THAT(parse_locks("lock:\t1: LEASE  ACTIVE    READ 4711 fe:00:131076 0 EOF\n"), IsEmpty());
  EXPECT_THAT(parse_locks("lock:\t1: POSIX  ADVISORY  UNLCK 4711 fe:00:131076 0 EOF\n"), IsEmpty());
  EXPECT_THAT(parse_locks("lock:\t1: POSIX  ADVISORY  READ 4711 fe:00:131076 x EOF\n"), IsEmpty());
  EXPECT_THAT(parse_locks("lock:\t1: POSIX\nlock:\nlock:"), IsEmpty());
  EXPECT_THAT(parse_locks("pos:\t0\ninotify wd:1 ino:2\n"), IsEmpty());
  EXPECT_THAT(parse_locks(""), IsEmpty());
}

TEST(IsReadOnly, GoesByTheLastDigitOfTheFlags) {
  EXPECT_TRUE(is_read_only("pos:\t0\nflags:\t02100000\nmnt_id:\t27\n"));
  EXPECT_TRUE(is_read_only("flags:\t0\n"));
  EXPECT_FALSE(is_read_only("pos:\t0\nflags:\t02100002\n"));
  EXPECT_FALSE(is_read_only("flags:\t02100001\n"));
  EXPECT_FALSE(is_read_only("pos:\t0\n"));
  EXPECT_FALSE(is_read_only(""));
}

TEST(ParseLocks, OverlapCountsBothEnds) {
  const FileLock lock{Kind::posix, Mode::read, 100, 199};
  EXPECT_TRUE(lock.overlaps(199, 300));
  EXPECT_TRUE(lock.overlaps(0, 100));
  EXPECT_TRUE(lock.overlaps(120, 130));
  EXPECT_TRUE(lock.overlaps(0, 1000));
  EXPECT_FALSE(lock.overlaps(200, 300));
  EXPECT_FALSE(lock.overlaps(0, 99));
}

TEST(DescriptorTable, ShowsFilesOfAnotherProcessWithTheirIdentity) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db";
  const ForkedChild child([&] {
    open_file(path);
    open_file(path);
  });
  struct stat file {};
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  const auto found = entries(child.pid(), path);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_NE(found[0].fd, found[1].fd);
  for (const OpenDescriptor& entry : found) {
    EXPECT_FALSE(entry.deleted);
    EXPECT_EQ(entry.dev, file.st_dev);
    EXPECT_EQ(entry.ino, file.st_ino);
    EXPECT_THAT(entry.locks, IsEmpty());
  }
}

TEST(DescriptorTable, ShowsEveryDescriptorOnce) {
  const std::size_t inherited = entries(::getpid(), "/dev/null").size();
  const ForkedChild child([] {
    for (int count = 0; count < 300; ++count) open_file("/dev/null", O_RDONLY);
  });
  EXPECT_EQ(entries(child.pid(), "/dev/null").size(), inherited + 300);
}

TEST(DescriptorTable, ShowsADeletedFileUnderItsName) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db-wal";
  const ForkedChild child([&] {
    open_file(path);
    ::unlink(path.c_str());
  });
  const auto found = entries(child.pid(), path);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].deleted);
}

TEST(DescriptorTable, AFileReplacedByRenameIsDeleted) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db";
  const ForkedChild child([&] {
    open_file(path);
    open_file(path + ".new");
    ::rename((path + ".new").c_str(), path.c_str());
  });
  const auto found = entries(child.pid(), path);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].deleted);
  EXPECT_FALSE(found[1].deleted);
  EXPECT_NE(found[0].ino, found[1].ino);
}

TEST(DescriptorTable, AFileReallyNamedDeletedIsNot) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db (deleted)";
  const std::string gone = folder / "gone (deleted)";
  const ForkedChild child([&] {
    open_file(path);
    open_file(gone);
    ::unlink(gone.c_str());
  });
  const auto there = entries(child.pid(), path);
  ASSERT_EQ(there.size(), 1u);
  EXPECT_FALSE(there[0].deleted);
  const auto deleted = entries(child.pid(), gone);
  ASSERT_EQ(deleted.size(), 1u);
  EXPECT_TRUE(deleted[0].deleted);
}

// The old file is deleted; that somebody else's file now carries the kernel's suffix in its name changes
// nothing.
TEST(DescriptorTable, ADeletedFileIsNotTakenForANewOneOfThatName) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db";
  const ForkedChild child([&] {
    open_file(path);
    ::unlink(path.c_str());
  });
  folder.write("kanban.db (deleted)", "another file");
  const auto found = entries(child.pid(), path);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].deleted);
}

TEST(DescriptorTable, ANameThatIsGoneIsDeletedThoughTheFileHasAnother) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db";
  const ForkedChild child([&] {
    open_file(path);
    std::filesystem::create_hard_link(path, folder / "other-name");
    ::unlink(path.c_str());
  });
  const auto found = entries(child.pid(), path);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].deleted);
}

TEST(DescriptorTable, ShowsRealLocksAtTheDescriptorThatTookThem) {
  const tests::TemporaryFolder folder;
  const std::string posix = folder / "posix", ofd = folder / "ofd", whole = folder / "whole";
  const ForkedChild child([&] {
    const int first = open_file(posix);
    open_file(posix);
    lock_bytes(first, F_SETLK, F_RDLCK, 1073741826, 510);
    lock_bytes(first, F_SETLK, F_WRLCK, 120, 1);
    lock_bytes(open_file(ofd), F_OFD_SETLK, F_RDLCK, 128, 0);
    ::flock(open_file(whole), LOCK_EX);
  });
  const auto posix_entries = entries(child.pid(), posix);
  ASSERT_EQ(posix_entries.size(), 2u);
  EXPECT_THAT(posix_entries[0].locks,
              UnorderedElementsAre(FileLock{Kind::posix, Mode::read, 1073741826, 1073742335},
                                   FileLock{Kind::posix, Mode::write, 120, 120}));
  EXPECT_THAT(posix_entries[1].locks, IsEmpty());
  EXPECT_THAT(entries(child.pid(), ofd).at(0).locks,
              ElementsAre(FileLock{Kind::ofd, Mode::read, 128, FileLock::kToEnd}));
  EXPECT_THAT(entries(child.pid(), whole).at(0).locks,
              ElementsAre(FileLock{Kind::flock, Mode::write, 0, FileLock::kToEnd}));
}

TEST(DescriptorTable, ShowsTheLocksOfADeletedFile) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db-shm";
  const ForkedChild child([&] {
    lock_bytes(open_file(path), F_SETLK, F_RDLCK, 128, 1);
    ::unlink(path.c_str());
  });
  EXPECT_THAT(entries(child.pid(), path).at(0).locks,
              ElementsAre(FileLock{Kind::posix, Mode::read, 128, 128}));
}

TEST(DescriptorTable, LooksAtALockedFileWithoutHarm) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "kanban.db";
  const int own = open_file(path);
  lock_bytes(own, F_SETLK, F_RDLCK, 1, 10);
  // Our own table: had the file been opened and closed on the way, our lock would be gone by the second look.
  EXPECT_EQ(entries(::getpid(), path).at(0).locks.size(), 1u);
  EXPECT_EQ(entries(::getpid(), path).at(0).locks.size(), 1u);
  ::close(own);
}

TEST(DescriptorTable, ShowsWhatIsNoFileByItsKind) {
  const ForkedChild child([] {});
  const auto table = read_descriptor_table(child.pid());
  ASSERT_TRUE(table);
  int pipes = 0;
  for (const OpenDescriptor& entry : *table) pipes += entry.target.starts_with("pipe:[");
  EXPECT_GE(pipes, 2);
}

TEST(DescriptorTable, AProcessThatIsGoneHasNoTable) {
  ForkedChild child([] {});
  child.end();
  EXPECT_FALSE(read_descriptor_table(child.pid())) << "a zombie";
  child.reap();
  EXPECT_FALSE(read_descriptor_table(child.pid()));
}

TEST(DescriptorTable, AProcessWithoutAnyDescriptorHasAnEmptyTable) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close_range(0, ~0u, 0);
    ::raise(SIGSTOP);
    ::_exit(0);
  }
  ::waitpid(pid, nullptr, WUNTRACED);
  const auto table = read_descriptor_table(pid);
  ::kill(pid, SIGKILL);
  ::waitpid(pid, nullptr, 0);
  ASSERT_TRUE(table);
  EXPECT_THAT(*table, IsEmpty());
}

// Answers of a process that is not root.
enum Answer { kTable = 10, kNothing = 11, kRefused = 12, kOtherError = 13 };

Answer look_at(pid_t pid) {
  try {
    return read_descriptor_table(pid) ? kTable : kNothing;
  } catch (const std::system_error& error) {
    return error.code().value() == EACCES ? kRefused : kOtherError;
  }
}

int as_nobody(const std::function<Answer()>& look) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(kOtherError);
    ::_exit(look());
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(DescriptorTable, SaysThatAnotherUsersProcessMayNotBeLookedAt) {
  // Seen from nobody: this process where it is root's, else the first of all.
  const pid_t foreign = ::geteuid() == 0 ? ::getpid() : 1;
  struct stat owner {};
  ASSERT_EQ(::stat("/proc/1", &owner), 0);
  if (::geteuid() != 0 && owner.st_uid == ::geteuid()) GTEST_SKIP() << "every process here is our own";
  EXPECT_EQ(as_nobody([=] { return look_at(foreign); }), kRefused);
}

TEST(DescriptorTable, AZombieIsGoneToItsOwnUserToo) {
  EXPECT_EQ(as_nobody([] {
              ForkedChild child([] {});
              child.end();
              return look_at(child.pid());
            }),
            kNothing);
}

}  // namespace
}  // namespace walsoak::os
