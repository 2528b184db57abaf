#include "harness/evidence/observer/kernel_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/os/temporary_folder.h"

namespace walsoak::observer {
namespace {

using os::FileLock;
using os::OpenDescriptor;
using Kind = FileLock::Kind;
using Mode = FileLock::Mode;

const BoardFiles kBoard{"b01", "/run/b01/kanban.db"};
const FileFacts kMainNow{{8, 100}, 4096};

OpenDescriptor open_at(const std::string& target, ino_t ino, bool deleted = false,
                       std::vector<FileLock> locks = {}) {
  return {0, target, deleted, 8, ino, std::move(locks)};
}

DescriptorCounts count(const std::vector<OpenDescriptor>& table, const std::set<FileIdentity>& held = {}) {
  return classify(kBoard, kMainNow, held, table).counts;
}

TEST(Classify, EachFileOfTheBoardHasItsOwnCount) {
  const DescriptorCounts counts =
      count({open_at("/run/b01/kanban.db", 100), open_at("/run/b01/kanban.db", 100),
             open_at("/run/b01/kanban.db-wal", 101), open_at("/run/b01/kanban.db-wal", 101),
             open_at("/run/b01/kanban.db-wal", 101), open_at("/run/b01/kanban.db-shm", 102),
             open_at("/run/b01/kanban.db-journal", 103)});
  EXPECT_EQ(counts, (DescriptorCounts{.main = 2, .wal = 3, .shm = 1, .journal = 1}));
}

TEST(Classify, OtherFilesDoNotCount) {
  EXPECT_EQ(count({open_at("/run/b01/kanban.db-walx", 1), open_at("/run/b01/kanban.db2", 2),
                   open_at("/run/b01/kanban", 3), open_at("/other/run/b01/kanban.db", 4),
                   open_at("pipe:[100]", 100), open_at("/run/b02/kanban.db", 5),
                   open_at("/run/b02/kanban.db-wal", 6), open_at("", 7)}),
            DescriptorCounts{});
}

TEST(Classify, DeletedFilesCountInBothPlaces) {
  const DescriptorCounts counts =
      count({open_at("/run/b01/kanban.db", 90, true), open_at("/run/b01/kanban.db-wal", 91, true),
             open_at("/run/b01/kanban.db-wal", 92), open_at("/run/b01/kanban.db-shm", 93, true)});
  EXPECT_EQ(counts,
            (DescriptorCounts{
                .main = 1, .wal = 2, .shm = 1, .main_deleted = 1, .wal_deleted = 1, .shm_deleted = 1}));
}

TEST(Classify, AnotherFileThanTheOneAtThePathIsReplaced) {
  EXPECT_EQ(count({open_at("/run/b01/kanban.db", 99), open_at("/run/b01/kanban.db", 100)}),
            (DescriptorCounts{.main = 2, .main_replaced = 1}));
}

TEST(Classify, TheSameInodeNumberOnAnotherDeviceIsAnotherFile) {
  OpenDescriptor descriptor = open_at("/run/b01/kanban.db", 100);
  descriptor.dev = 9;
  EXPECT_EQ(count({descriptor}).main_replaced, 1);
}

TEST(Classify, WithNoFileAtThePathAHeldOneIsReplaced) {
  const std::vector<OpenDescriptor> table{open_at("/run/b01/kanban.db", 100)};
  EXPECT_EQ(classify(kBoard, std::nullopt, {}, table).counts,
            (DescriptorCounts{.main = 1, .main_replaced = 1}));
}

TEST(Classify, AMainThatWasMovedAsideIsKnownByTheFileThatWasHeld) {
  const std::vector<OpenDescriptor> table{open_at("/run/b01/kanban.db.bak", 99)};
  EXPECT_EQ(count(table, {{8, 99}}), (DescriptorCounts{.main = 1, .main_replaced = 1}));
  EXPECT_EQ(count(table), DescriptorCounts{}) << "never seen as the main";
  EXPECT_EQ(count(table, {{9, 99}}), DescriptorCounts{}) << "another device";
}

TEST(Classify, AMainThatWasMovedAsideAndThenDeletedIsDeleted) {
  EXPECT_EQ(count({open_at("/run/b01/kanban.db.bak", 99, true)}, {{8, 99}}),
            (DescriptorCounts{.main = 1, .main_deleted = 1}));
}

// The kernel gives the inode number of a main that is gone to the next new file.
TEST(Classify, AnInodeNumberThatWasGivenOutAgainMakesNoMain) {
  EXPECT_EQ(count({open_at("/run/acks/w0001.log", 99), open_at("/run/b01/other.db-wal", 99),
                   open_at("/run/b01/other.db-shm", 99), open_at("/run/b01/other.db-journal", 99)},
                  {{8, 99}}),
            DescriptorCounts{});
  EXPECT_EQ(count({open_at("/run/b01/kanban.db-wal", 99)}, {{8, 99}}), (DescriptorCounts{.wal = 1}));
}

TEST(Classify, NamesTheMainsThatAreHeld) {
  const std::vector<OpenDescriptor> table{
      open_at("/run/b01/kanban.db", 100), open_at("/run/b01/kanban.db", 99, true),
      open_at("/run/b01/kanban.db", 100), open_at("/run/b01/kanban.db-wal", 98)};
  EXPECT_THAT(classify(kBoard, kMainNow, {}, table).mains,
              testing::ElementsAre(FileIdentity{8, 99}, FileIdentity{8, 100}));
}

TEST(Classify, CountsLocksOnTheSharedRangeByKind) {
  const FileLock shared{Kind::posix, Mode::read, 1073741826, 1073742335};
  const FileLock ofd{Kind::ofd, Mode::read, 1073741826, 1073742335};
  const FileLock exclusive{Kind::posix, Mode::write, 1073741826, 1073742335};
  EXPECT_EQ(count({open_at("/run/b01/kanban.db", 100, false, {shared}),
                   open_at("/run/b01/kanban.db", 100, false, {ofd}), open_at("/run/b01/kanban.db", 100),
                   open_at("/run/b01/kanban.db", 99, true, {exclusive})}),
            (DescriptorCounts{.main = 4, .main_deleted = 1, .lock_main_posix = 2, .lock_main_ofd = 1}));
}

TEST(Classify, LocksBesideTheSharedRangeDoNotCount) {
  const FileLock pending{Kind::posix, Mode::write, 1073741824, 1073741824};
  const FileLock reserved{Kind::ofd, Mode::write, 1073741825, 1073741825};
  const FileLock behind{Kind::posix, Mode::read, 1073742336, FileLock::kToEnd};
  const FileLock whole_file{Kind::flock, Mode::read, 0, FileLock::kToEnd};
  EXPECT_EQ(count({open_at("/run/b01/kanban.db", 100, false, {pending, reserved, behind, whole_file})}),
            (DescriptorCounts{.main = 1}));
}

TEST(Classify, LocksOfOneByteAtEitherEndOfTheSharedRangeCount) {
  const FileLock first{Kind::posix, Mode::read, 0, 1073741826};
  const FileLock last{Kind::posix, Mode::read, 1073742335, FileLock::kToEnd};
  EXPECT_EQ(count({open_at("/run/b01/kanban.db", 100, false, {first, last})}).lock_main_posix, 2);
}

TEST(Classify, CountsLocksOnTheDeadmanSwitchOfTheShm) {
  const FileLock dms{Kind::posix, Mode::read, 128, 128};
  const FileLock dms_ofd{Kind::ofd, Mode::read, 128, 128};
  const FileLock reader{Kind::posix, Mode::read, 124, 124};
  const FileLock writer{Kind::posix, Mode::write, 120, 127};
  EXPECT_EQ(count({open_at("/run/b01/kanban.db-shm", 102, false, {dms, reader, writer}),
                   open_at("/run/b01/kanban.db-shm", 102, true, {dms_ofd})}),
            (DescriptorCounts{.shm = 2, .shm_deleted = 1, .lock_shm_dms = 2}));
}

TEST(Classify, LocksOnOtherFilesOfTheBoardDoNotCount) {
  const FileLock shared{Kind::posix, Mode::read, 1073741826, 1073742335};
  const FileLock dms{Kind::posix, Mode::read, 128, 128};
  EXPECT_EQ(count({open_at("/run/b01/kanban.db-wal", 101, false, {shared, dms}),
                   open_at("/run/b01/kanban.db", 100, false, {dms}),
                   open_at("/run/b01/kanban.db-shm", 102, false, {shared})}),
            (DescriptorCounts{.main = 1, .wal = 1, .shm = 1}));
}

TEST(Classify, AFileThatStandsAtItsPathHasNotMovedUnderItsOtherName) {
  const std::vector<OpenDescriptor> table{open_at("/run/b01/kanban.db", 100),
                                          open_at("/run/b01/link.db", 100)};
  EXPECT_EQ(count(table, {{8, 100}}), (DescriptorCounts{.main = 1}));
}

WatchedCounts watched(const std::vector<OpenDescriptor>& table) {
  return classify(kBoard, kMainNow, {}, table).watched;
}

TEST(Classify, TransactionsInWalModeLockBytesOfTheShm) {
  const FileLock shared{Kind::posix, Mode::read, 1073741826, 1073742335},
      dms{Kind::posix, Mode::read, 128, 128};
  const auto with = [&](const FileLock& lock) {
    return watched({open_at("/run/b01/kanban.db", 100, false, {shared}),
                    open_at("/run/b01/kanban.db-wal", 101),
                    open_at("/run/b01/kanban.db-shm", 102, false, {dms, lock})});
  };
  EXPECT_EQ(with({Kind::posix, Mode::write, 120, 120}).lock_writer, 1);
  EXPECT_EQ(with({Kind::posix, Mode::write, 121, 121}).lock_writer, 0) << "a checkpoint";
  for (const std::uint64_t byte : {123, 127})
    EXPECT_EQ(with({Kind::posix, Mode::read, byte, byte}).lock_reader, 1);
  const WatchedCounts idle = with(dms);
  EXPECT_EQ(idle.lock_writer + idle.lock_reader, 0) << "the main's shared lock is the connection's";
}

TEST(Classify, TransactionsWithARollbackJournalLockBytesOfTheMain) {
  const FileLock shared{Kind::posix, Mode::read, 1073741826, 1073742335},
      reserved{Kind::posix, Mode::write, 1073741825, 1073741825},
      exclusive{Kind::posix, Mode::write, 1073741826, 1073742335};
  const auto with = [](std::vector<FileLock> locks) {
    return watched({open_at("/run/b01/kanban.db", 100, false, std::move(locks))});
  };
  EXPECT_EQ(with({shared}).lock_reader, 1);
  EXPECT_EQ(with({shared}).lock_writer, 0);
  EXPECT_EQ(with({shared, reserved}).lock_writer, 1);
  EXPECT_EQ(with({exclusive, reserved}).lock_writer, 0) << "locking_mode=EXCLUSIVE keeps that at rest";
  EXPECT_EQ(with({exclusive, reserved}).lock_reader, 0);
  EXPECT_EQ(with({exclusive, reserved}).lock_exclusive, 1);
  EXPECT_EQ(with({shared, reserved}).lock_exclusive, 0);
}

TEST(Classify, SaysOfTheMainHowItIsOpenAndHowManyNamesItHas) {
  OpenDescriptor main = open_at("/run/b01/kanban.db", 100), shm = open_at("/run/b01/kanban.db-shm", 102);
  main.read_only = shm.read_only = true;
  main.links = 2;
  const WatchedCounts seen = watched({main, open_at("/run/b01/kanban.db", 100), shm});
  EXPECT_EQ(seen.main_readonly, 1);
  EXPECT_EQ(seen.shm_readonly, 1);
  EXPECT_EQ(seen.main_links, 2);
}

TEST(Classify, TheLockOnADeletedShmIsCountedApart) {
  const FileLock dms{Kind::posix, Mode::read, 128, 128};
  const BoardDescriptors seen = classify(kBoard, kMainNow, {},
                                         std::vector{open_at("/run/b01/kanban.db-shm", 90, true),
                                                     open_at("/run/b01/kanban.db-shm", 102, false, {dms})});
  EXPECT_EQ(seen.counts.lock_shm_dms, 1);
  EXPECT_EQ(seen.watched.lock_shm_dms_deleted, 0);
}

TEST(BoardKernel, OfAWatchedProcessWhatCouldNotBeReadIsNull) {
  const nlohmann::ordered_json json = BoardKernel{}.watched_json({});
  for (const auto& [key, value] : json.items()) {
    if (key != "lock_folder") {
      EXPECT_TRUE(value.is_null()) << key;
    }
  }
  BoardKernel kernel;
  kernel.counts = DescriptorCounts{.main = 1};
  kernel.watched.main_links = 2;
  kernel.folder.main = FileFacts{{8, 100}, 4096, 70};
  kernel.folder.wal = FileFacts{{8, 101}, 4096, 90};
  EXPECT_EQ(
      kernel.watched_json({.mounts = 0, .holders = 1, .lock_folder = true}).dump(),
      R"({"main_readonly":0,"shm_readonly":0,"lock_shm_dms_deleted":0,"lock_writer":0,"lock_reader":0,)"
      R"("lock_exclusive":0,"journal_bytes":null,"main_links":2,"main_mounts":0,"main_other_names":1,"lock_folder":1,"written_us":90})");
}

TEST(BoardKernel, HasTheKeysOfTheRecordInItsOrder) {
  BoardKernel kernel;
  kernel.counts = DescriptorCounts{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  kernel.folder.main = FileFacts{{8, 100}, 4096};
  kernel.folder.wal = FileFacts{{8, 101}, 0};
  EXPECT_EQ(kernel.to_json().dump(),
            R"({"kernel_main":1,"kernel_wal":2,"kernel_shm":3,"kernel_journal":4,"kernel_main_deleted":5,)"
            R"("kernel_wal_deleted":6,"kernel_shm_deleted":7,"kernel_main_replaced":8,"lock_main_posix":9,)"
            R"("lock_main_ofd":10,"lock_shm_dms":11,"main_bytes":4096,"main_inode":100,"wal_bytes":0,)"
            R"("wal_inode":101,"shm_bytes":null,"shm_inode":null})");
}

TEST(BoardKernel, WhatCouldNotBeReadIsNull) {
  const nlohmann::ordered_json json = BoardKernel{}.to_json();
  EXPECT_EQ(json.size(), 17u);
  for (const auto& [key, value] : json.items()) EXPECT_TRUE(value.is_null()) << key;
}

TEST(ProcessJson, HasTheKeysOfTheRecord) {
  const std::vector<OpenDescriptor> table{open_at("pipe:[1]", 1), open_at("/a", 2)};
  EXPECT_EQ(process_json(table, os::ProcessStatus{4096, 3, 1024}).dump(),
            R"({"descriptors":2,"descriptor_limit":1024,"threads":3,"rss_bytes":4096})");
  EXPECT_EQ(process_json(std::nullopt, std::nullopt).dump(),
            R"({"descriptors":null,"descriptor_limit":null,"threads":null,"rss_bytes":null})");
}

TEST(KernelLedger, ReadsTheFolderThoughTheTableIsUnknown) {
  const tests::TemporaryFolder folder;
  folder.write("kanban.db", "12345");
  KernelLedger ledger({{"b01", folder / "kanban.db"}});
  const BoardKernel kernel = ledger.look(std::nullopt).at("b01");
  EXPECT_FALSE(kernel.counts);
  ASSERT_TRUE(kernel.folder.main);
  EXPECT_EQ(kernel.folder.main->bytes, 5u);
  EXPECT_FALSE(kernel.folder.wal);
}

TEST(KernelLedger, KeepsBoardsApartAndResolvesLinks) {
  const tests::TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "real");
  std::filesystem::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  KernelLedger ledger({{"b01", folder / "link/a.db"}, {"b02", folder / "real/b.db"}});
  const auto kernel =
      ledger.look(std::vector{open_at(folder / "real/a.db", 1), open_at(folder / "real/b.db-wal", 2)});
  EXPECT_EQ(kernel.at("b01").counts->main, 1);
  EXPECT_EQ(kernel.at("b01").counts->wal, 0);
  EXPECT_EQ(kernel.at("b02").counts->wal, 1);
}

TEST(KernelLedger, ForgetsAMainOnceNobodyHoldsIt) {
  const tests::TemporaryFolder folder;
  KernelLedger ledger({{"b01", folder / "kanban.db"}});
  const std::vector held{open_at(folder / "kanban.db", 99)};
  const std::vector aside{open_at(folder / "kanban.db.bak", 99)};
  ledger.look(held);
  EXPECT_EQ(ledger.look(aside).at("b01").counts->main, 1);
  EXPECT_EQ(ledger.look(aside).at("b01").counts->main, 1) << "still held";
  ledger.look(std::vector<OpenDescriptor>{});
  EXPECT_EQ(ledger.look(aside).at("b01").counts->main, 0);
}

}  // namespace
}  // namespace walsoak::observer
