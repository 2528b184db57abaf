#include "harness/evidence/observer/databases.h"
#include "tests/observer/unlocked_wal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace walsoak::observer {
namespace {

using os::FileLock;
using os::OpenDescriptor;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Kind = FileLock::Kind;
using Mode = FileLock::Mode;
const FileLock kShared{Kind::posix, Mode::read, 1073741826, 1073742335};
const FileLock kReserved{Kind::ofd, Mode::write, 1073741825, 1073741825};
const FileLock kWholeFile{Kind::posix, Mode::write, 0, FileLock::kToEnd};

OpenDescriptor held_file(const std::string& target, ino_t ino = 1, std::vector<FileLock> locks = {}) {
  return {0, target, false, 8, ino, std::move(locks)};
}
OpenDescriptor deleted_file(const std::string& target, ino_t ino = 1) {
  OpenDescriptor descriptor = held_file(target, ino);
  descriptor.deleted = true;
  return descriptor;
}

std::vector<std::pair<std::string, std::string>> found_in(const std::vector<OpenDescriptor>& table) {
  std::vector<std::pair<std::string, std::string>> found;
  for (const FoundDatabase& database : find_databases(table))
    found.emplace_back(database.path, how_text(database.how));
  return found;
}

TEST(FindDatabases, ASidecarGivesAMainAwayDeletedOrNot) {
  EXPECT_THAT(
      found_in({held_file("/x/a board.db"), held_file("/x/a board.db-wal"), held_file("/x/b"),
                deleted_file("/x/b-shm"), held_file("/x/c.db"), held_file("/x/c.db-journal")}),
      ElementsAre(Pair("/x/a board.db", "sidecar"), Pair("/x/b", "sidecar"), Pair("/x/c.db", "sidecar")));
}

TEST(FindDatabases, ASidecarWhoseMainIsNotOpenCountsToo) {
  EXPECT_THAT(found_in({deleted_file("/x/k.db-wal")}), ElementsAre(Pair("/x/k.db", "sidecar")));
}

TEST(FindDatabases, AMainMayBeNamedLikeASidecar) {
  EXPECT_THAT(found_in({held_file("/x/k-wal", 1), held_file("/x/k-wal-wal", 2)}),
              ElementsAre(Pair("/x/k-wal", "sidecar")));
}

TEST(FindDatabases, LocksInSqlitesBytesGiveAMainAway) {
  EXPECT_THAT(found_in({held_file("/x/a", 1, {kShared}), held_file("/x/b", 2, {kReserved})}),
              ElementsAre(Pair("/x/a", "lock"), Pair("/x/b", "lock")));
}

TEST(FindDatabases, OtherFilesAndOtherLocksDoNot) {
  OpenDescriptor folder = held_file("/x/folder-wal");
  folder.regular = false;
  const FileLock flock{Kind::flock, Mode::write, 0, FileLock::kToEnd};
  const FileLock across{Kind::posix, Mode::read, 1073741823, 1073741826};
  EXPECT_THAT(
      found_in({held_file("/x/a.db"), held_file("/x/b.lock", 2, {kWholeFile, flock, across}), folder,
                held_file("/memfd:k-wal"), held_file("pipe:[7]-wal"), held_file("/x/-wal"), held_file("")}),
      IsEmpty());
}

TEST(FindDatabases, ALockedMainBesideAWalWithoutOneIsItsMainMovedAway) {
  const auto found =
      find_databases(std::vector{held_file("/x/k.db.bak", 7, {kShared}), held_file("/x/k.db-wal", 8)});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, "/x/k.db");
  EXPECT_THAT(found[0].held, ElementsAre(FileIdentity{8, 7}));
  // Two of them: nobody can say whose it is.
  EXPECT_EQ(find_databases(std::vector{held_file("/x/k.db.bak", 7, {kShared}),
                                       held_file("/x/l.bak", 9, {kShared}), held_file("/x/k.db-wal", 8)})
                .size(),
            3u);
  // Another folder's is another database.
  EXPECT_EQ(
      find_databases(std::vector{held_file("/y/k.db", 7, {kShared}), held_file("/x/k.db-wal", 8)}).size(),
      2u);
}

TEST(Databases, WhatWasFoundIsNotFoundAgainWhereverItIsMoved) {
  Databases databases;
  EXPECT_EQ(
      databases.look(std::vector{held_file("/x/k.db", 7, {kShared}), held_file("/x/k.db-wal", 8)}).size(),
      1u);
  EXPECT_THAT(databases.look(std::vector{held_file("/x/k.db.bak", 7, {kShared})}), IsEmpty());
  EXPECT_THAT(databases.look({}), IsEmpty());
  EXPECT_THAT(databases.look(std::vector{held_file("/x/k.db", 9, {kShared})}), IsEmpty());
  EXPECT_EQ(databases.look(std::vector{held_file("/x/other", 10, {kShared})}).size(), 1u);
}

TEST(Databases, OnlyWhatIsDoubtfulIsReadAndNoLongerThanUntilItIsKnown) {
  std::map<int, std::string> content = {
      {3, std::string("SQLite format 3\0", 16) + "rest"}, {4, ""}, {5, "something else altogether"}};
  std::vector<int> read;
  Databases databases([&](int fd) {
    read.push_back(fd);
    return content[fd];
  });
  std::vector<OpenDescriptor> table = {held_file("/x/idle.db", 1), held_file("/x/new.sqlite", 2),
                                       held_file("/x/no.db", 3), held_file("/x/log.txt", 4),
                                       held_file("/x/k.db", 5, {kShared})};
  for (int i = 0; i < 5; ++i) table[static_cast<std::size_t>(i)].fd = i + 3;
  EXPECT_EQ(databases.count_doubtful(table), 4);
  auto found = databases.look(table);
  EXPECT_EQ(databases.count_doubtful(table), 1);  // the one that is empty so far
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[1].path, "/x/idle.db");
  EXPECT_EQ(found[1].how, How::peek);
  EXPECT_THAT(read, ElementsAre(3, 4, 5));
  content[4] = content[3];
  EXPECT_EQ(databases.look(table).size(), 1u);
  EXPECT_THAT(databases.look(table), IsEmpty());
  EXPECT_THAT(read, ElementsAre(3, 4, 5, 4));
}

TEST(DatabaseNames, ArePathsInTheirOrderForGood) {
  DatabaseNames names;
  EXPECT_EQ(names.of("/x/b"), "db1");
  EXPECT_EQ(names.of("/x/a"), "db2");
  EXPECT_EQ(names.of("/x/b"), "db1");
}

TEST(KernelLedger, LocksThatMayNotBeReadAreUnknownAndNot0) {
  KernelLedger ledger({});
  ledger.add({"db1", "/nowhere/k.db"});
  std::vector<OpenDescriptor> table = {held_file("/nowhere/k.db", 1), held_file("/nowhere/k.db-wal", 2)};
  EXPECT_EQ(ledger.look(table)["db1"].to_json()["lock_main_posix"], 0);
  EXPECT_TRUE(holds_wal_without_lock(*ledger.look(table)["db1"].counts));
  table[0].locks_known = false;
  EXPECT_TRUE(ledger.look(table)["db1"].to_json()["lock_main_posix"].is_null());
  EXPECT_FALSE(holds_wal_without_lock(*ledger.look(table)["db1"].counts));
}

}  // namespace
}  // namespace walsoak::observer
