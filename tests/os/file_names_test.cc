#include "harness/base/proc/file_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "tests/os/file_locks.h"
#include "tests/os/forked_child.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::os {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using tests::ForkedChild;
using tests::lock_bytes;
using tests::open_file;

TEST(LockHolders, AreThePidsOfAnInodeEachOnce) {
  const std::string_view locks =
      "1: POSIX  ADVISORY  READ 4711 fe:00:131076 1073741826 1073742335\n"
      "1: -> POSIX  ADVISORY  WRITE 4713 fe:00:131076 1073741826 1073742335\n"
      "2: POSIX  ADVISORY  WRITE 4711 fe:00:131076 1073741825 1073741825\n"
      "3: OFDLCK ADVISORY  READ -1 fe:00:131076 0 EOF\n"
      "4: FLOCK  ADVISORY  WRITE 4712 fe:00:131076 0 EOF\n"
      "5: POSIX  ADVISORY  READ 4714 fe:00:1310760 0 EOF\n";
  EXPECT_THAT(lock_holders(locks, 131076), ElementsAre(4711, 4712));
  EXPECT_THAT(lock_holders(locks, 1), IsEmpty());
  EXPECT_THAT(lock_holders("1: POSIX\n\nx", 131076), IsEmpty());
}

TEST(PartialMounts, AreThoseOfLessThanAFileSystem) {
  const auto mounts = parse_partial_mounts(
      "22 1 254:1 / / rw,relatime - ext4 /dev/vda1 rw\n"
      "30 22 254:1 /srv/a\\040b.db /data/a\\040b.db rw - ext4 /dev/vda1 rw\n"
      "31 22 nonsense /x /y rw\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].root, "/srv/a b.db");
  EXPECT_EQ(mounts[0].point, "/data/a b.db");
  EXPECT_EQ(mounts[0].dev, makedev(254, 1));
}

class FileNamesTest : public ::testing::Test {
 protected:
  HeldFile held(const std::string& path) const {
    struct stat file {};
    EXPECT_EQ(::stat(path.c_str(), &file), 0);
    return {file.st_dev, file.st_ino, path, file.st_nlink};
  }

  const tests::TemporaryFolder folder_;
  const std::string path_ = folder_ / "a.db", link_ = folder_ / "b.db";
};

TEST_F(FileNamesTest, AFileWithOneNameIsHeldUnderNoOther) {
  const ForkedChild child([&] { lock_bytes(open_file(path_), F_SETLK, F_RDLCK, 1073741826, 510); });
  EXPECT_EQ(FileNames(child.pid()).holders_under_another(held(path_)), 0);
  EXPECT_EQ(FileNames(child.pid()).mounts(held(path_)), 0);
}

TEST_F(FileNamesTest, AHardLinkThatAnotherProcessHoldsIsSeenByItsLock) {
  const ForkedChild first([&] { lock_bytes(open_file(path_), F_SETLK, F_RDLCK, 1073741826, 510); });
  std::filesystem::create_hard_link(path_, link_);
  EXPECT_EQ(FileNames(first.pid()).holders_under_another(held(path_)), 0) << "nobody uses the other name";
  const ForkedChild second([&] { lock_bytes(open_file(link_), F_SETLK, F_RDLCK, 1073741826, 510); });
  EXPECT_EQ(FileNames(first.pid()).holders_under_another(held(path_)), 1);
}

TEST_F(FileNamesTest, AHardLinkThatTheProcessItselfHoldsCounts) {
  const ForkedChild child([&] {
    open_file(path_);
    std::filesystem::create_hard_link(path_, link_);
    open_file(link_);
  });
  EXPECT_EQ(FileNames(child.pid()).holders_under_another(held(path_)), 1);
}

TEST_F(FileNamesTest, ANameThatIsGoneIsNone) {
  const ForkedChild child([&] {
    open_file(path_);
    std::filesystem::create_hard_link(path_, link_);
    open_file(link_);
    std::filesystem::create_hard_link(path_, folder_ / "c.db");
    std::filesystem::remove(link_);
  });
  EXPECT_EQ(FileNames(child.pid()).holders_under_another(held(path_)), 0);
}

}  // namespace
}  // namespace walsoak::os
