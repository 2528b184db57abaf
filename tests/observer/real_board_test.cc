// The ledger over real files and locks of a real process, seen from outside as a run sees them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/observer/unlocked_wal.h"
#include "tests/os/file_locks.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::observer {
namespace {

using tests::ForkedChild;
using tests::lock_bytes;
using tests::open_file;

class RealBoardTest : public testing::Test {
 protected:
  BoardKernel look(const ForkedChild& child) {
    return ledger_.look(os::read_descriptor_table(child.pid())).at("b01");
  }
  DescriptorCounts counts(const ForkedChild& child) { return look(child).counts.value(); }

  tests::TemporaryFolder folder_;
  std::string main_ = folder_ / "kanban.db";
  KernelLedger ledger_{{{"b01", main_}}};
};

TEST_F(RealBoardTest, OpenFiles) {
  const ForkedChild child([&] {
    for (const char* suffix : {"", "", "-wal", "-shm", "-journal"}) open_file(main_ + suffix);
  });
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 2, .wal = 1, .shm = 1, .journal = 1}));
}

TEST_F(RealBoardTest, ClosedFilesAreGone) {
  const ForkedChild child([&] {
    ::close(open_file(main_));
    ::close(open_file(main_ + "-wal"));
  });
  EXPECT_EQ(counts(child), DescriptorCounts{});
}

TEST_F(RealBoardTest, DeletedSidecarsBesideNewOnes) {
  const ForkedChild child([&] {
    open_file(main_);
    for (const std::string& sidecar : {main_ + "-wal", main_ + "-shm"}) {
      open_file(sidecar);
      ::unlink(sidecar.c_str());
    }
    open_file(main_ + "-wal");
  });
  EXPECT_EQ(counts(child),
            (DescriptorCounts{.main = 1, .wal = 2, .shm = 1, .wal_deleted = 1, .shm_deleted = 1}));
}

TEST_F(RealBoardTest, AMainReplacedByRenameIsDeleted) {
  const ForkedChild child([&] {
    open_file(main_);
    ::close(open_file(main_ + ".restored"));
    ::rename((main_ + ".restored").c_str(), main_.c_str());
  });
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 1, .main_deleted = 1}));
}

TEST_F(RealBoardTest, AMainMovedAsideIsReplacedAsSoonAsItWasSeenOnce) {
  const ForkedChild child([&] { open_file(main_); });
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 1}));
  std::filesystem::rename(main_, main_ + ".corrupt");
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 1, .main_replaced = 1}));
  folder_.write("kanban.db", "restored");
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 1, .main_replaced = 1}));
  std::filesystem::remove(main_ + ".corrupt");
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 1, .main_deleted = 1}));
}

TEST_F(RealBoardTest, PosixLockOnTheSharedRange) {
  const ForkedChild child([&] {
    lock_bytes(open_file(main_), F_SETLK, F_RDLCK, 1073741826, 510);
    open_file(main_);
  });
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 2, .lock_main_posix = 1}));
}

TEST_F(RealBoardTest, OpenFileDescriptionLockOnTheSharedRange) {
  const ForkedChild child([&] { lock_bytes(open_file(main_), F_OFD_SETLK, F_RDLCK, 1073741826, 510); });
  EXPECT_EQ(counts(child), (DescriptorCounts{.main = 1, .lock_main_ofd = 1}));
}

TEST_F(RealBoardTest, LocksOnTheDeadmanSwitchByte) {
  const ForkedChild child([&] {
    lock_bytes(open_file(main_ + "-shm"), F_SETLK, F_RDLCK, 128, 1);
    lock_bytes(open_file(main_ + "-shm"), F_OFD_SETLK, F_RDLCK, 128, 1);
  });
  EXPECT_EQ(counts(child), (DescriptorCounts{.shm = 2, .lock_shm_dms = 2}));
}

TEST_F(RealBoardTest, ARawOpenAndCloseLosesThePosixLockButNotTheOther) {
  const auto raw_open = [&] { ::close(open_file(main_, O_RDONLY)); };
  const ForkedChild posix([&] {
    open_file(main_ + "-wal");
    lock_bytes(open_file(main_), F_SETLK, F_RDLCK, 1073741826, 510);
    raw_open();
  });
  EXPECT_EQ(counts(posix), (DescriptorCounts{.main = 1, .wal = 1}));
  EXPECT_TRUE(holds_wal_without_lock(counts(posix)));

  const ForkedChild ofd([&] {
    open_file(main_ + "-wal");
    lock_bytes(open_file(main_), F_OFD_SETLK, F_RDLCK, 1073741826, 510);
    raw_open();
  });
  EXPECT_EQ(counts(ofd), (DescriptorCounts{.main = 1, .wal = 1, .lock_main_ofd = 1}));
  EXPECT_FALSE(holds_wal_without_lock(counts(ofd)));
}

TEST_F(RealBoardTest, LocksOfAnotherProcessDoNotCount) {
  const ForkedChild holder([&] { lock_bytes(open_file(main_), F_SETLK, F_RDLCK, 1073741826, 510); });
  const ForkedChild onlooker([&] { open_file(main_); });
  EXPECT_EQ(counts(onlooker), (DescriptorCounts{.main = 1}));
}

TEST_F(RealBoardTest, FolderFactsAreThoseOfTheFilesThere) {
  folder_.write("kanban.db", "12345");
  folder_.write("kanban.db-wal", "");
  const ForkedChild child([] {});
  const FolderFacts facts = look(child).folder;
  ASSERT_TRUE(facts.main && facts.wal);
  EXPECT_EQ(facts.main->bytes, 5u);
  EXPECT_EQ(facts.wal->bytes, 0u);
  EXPECT_NE(facts.main->identity, facts.wal->identity);
  EXPECT_FALSE(facts.shm);
}

TEST_F(RealBoardTest, AnEndedSubjectIsUnknownNotZero) {
  ForkedChild child([&] { open_file(main_); });
  child.end();
  const BoardKernel kernel = look(child);
  EXPECT_FALSE(kernel.counts);
  EXPECT_TRUE(kernel.folder.main);
}

}  // namespace
}  // namespace walsoak::observer
