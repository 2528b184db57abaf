// What the shim counts beside descriptors: unlinks by actor, syncs, and that it is there once.
#include "harness/boards/sqlite/counting_vfs.h"

#include <thread>

#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

class CountingVfs : public Database {
 protected:
  static std::int64_t by(const std::array<std::atomic<std::int64_t>, kActors>& counts, Actor actor) {
    return counts[static_cast<std::size_t>(actor)];
  }
  static std::int64_t sum(const std::array<std::atomic<std::int64_t>, kActors>& counts) {
    std::int64_t all = 0;
    for (const auto& count : counts) all += count;
    return all;
  }
};

TEST_F(CountingVfs, InstallingTwiceIsInstallingOnce) {
  VfsLedger& ledger = install_counting_vfs();
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  EXPECT_STREQ(vfs->zName, kCountingVfsName);
  EXPECT_EQ(&install_counting_vfs(), &ledger);
  EXPECT_EQ(sqlite3_vfs_find(nullptr), vfs);
  open();
  EXPECT_EQ(vfs_.main.opens, 1);
}

TEST_F(CountingVfs, ALastCloseHasAnAuthor) {
  for (const Actor actor : {Actor::dispatcher, Actor::notifier, Actor::notifier, Actor::worker}) open(actor);
  EXPECT_EQ(by(vfs_.wal_unlinks, Actor::dispatcher), 1);
  EXPECT_EQ(by(vfs_.wal_unlinks, Actor::notifier), 2);
  EXPECT_EQ(by(vfs_.wal_unlinks, Actor::worker), 1);
  EXPECT_EQ(sum(vfs_.wal_unlinks), 4);
  EXPECT_EQ(sum(vfs_.journal_unlinks), 1);  // of the switch to WAL mode, on the first open
}

TEST_F(CountingVfs, AnyCloseButTheLastUnlinksNothing) {
  const Handle stays = open(Actor::held);
  open(Actor::notifier);
  EXPECT_EQ(sum(vfs_.wal_unlinks), 0);
}

// A connection that another thread closes (a collector's) unlinks for the actor that opened it.
TEST_F(CountingVfs, TheAuthorOfALastCloseIsWhoOpened) {
  Handle connection = open(Actor::triage);
  std::thread([&] { connection.reset(); }).join();
  EXPECT_EQ(by(vfs_.wal_unlinks, Actor::triage), 1);
  EXPECT_EQ(sum(vfs_.wal_unlinks), 1);
}

// Not the actor of the thread: what runs on a connection is its opener's doing, by whichever call it runs.
TEST_F(CountingVfs, AStatementUnlinksForTheOpenerToo) {
  const Handle connection = open(Actor::held);
  EXPECT_EQ(connection->value("mode", "PRAGMA journal_mode=delete"), "delete");
  EXPECT_EQ(by(vfs_.wal_unlinks, Actor::held), 1);
  EXPECT_EQ(sum(vfs_.wal_unlinks), 1);
}

TEST_F(CountingVfs, EachRollbackJournalIsUnlinkedByItsWriter) {
  const Handle dispatcher = open(Actor::dispatcher, "delete");
  const Handle notifier = open(Actor::notifier, "delete");
  const std::int64_t before = by(vfs_.journal_unlinks, Actor::dispatcher);
  for (int i = 0; i < 3; ++i) insert(*notifier);
  insert(*dispatcher);
  EXPECT_EQ(by(vfs_.journal_unlinks, Actor::notifier), 3);
  EXPECT_EQ(by(vfs_.journal_unlinks, Actor::dispatcher), before + 1);
  EXPECT_EQ(sum(vfs_.wal_unlinks), 0);
}

TEST_F(CountingVfs, AnUnlinkOfWhatIsNotThereDoesNotCount) {
  open(Actor::dispatcher, "delete");
  const std::int64_t before = sum(vfs_.journal_unlinks);
  sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
  EXPECT_NE(vfs->xDelete(vfs, (path_ + "-journal").c_str(), 0), SQLITE_OK);
  EXPECT_NE(vfs->xDelete(vfs, (path_ + "-wal").c_str(), 0), SQLITE_OK);
  EXPECT_EQ(sum(vfs_.journal_unlinks), before);
  EXPECT_EQ(sum(vfs_.wal_unlinks), 0);
}

// SQLite's documentation of PRAGMA synchronous: FULL syncs the -wal after each transaction, NORMAL at
// checkpoints only.
TEST_F(CountingVfs, SyncsFollowTheSynchronousSetting) {
  const Handle connection = open();
  connection->execute("full", "PRAGMA synchronous=FULL");
  insert(*connection);
  std::int64_t before = vfs_.syncs;
  for (int i = 0; i < 3; ++i) insert(*connection);
  EXPECT_EQ(vfs_.syncs - before, 3);

  connection->execute("normal", "PRAGMA synchronous=NORMAL");
  before = vfs_.syncs;
  for (int i = 0; i < 3; ++i) insert(*connection);
  EXPECT_EQ(vfs_.syncs - before, 0);
  connection->execute("checkpoint", "PRAGMA wal_checkpoint(PASSIVE)");
  EXPECT_EQ(vfs_.syncs - before, 2);  // the -wal before, the main file after
}

TEST_F(CountingVfs, AnOpenThatFailsLeavesNothingBehind) {
  const std::string missing = folder_ / "no" + "/kanban.db";
  EXPECT_THROW(Connection(missing, {}, api_), Error);
  EXPECT_EQ(install_counting_vfs().of(missing).main.open, 0);
  EXPECT_EQ(install_counting_vfs().of(missing).main.opens, 0);
  EXPECT_EQ(api_.counts(missing).open(), 0);
}

TEST_F(CountingVfs, ConnectionsOfManyThreadsAreAllCounted) {
  const Handle stays = open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) open(Actor::probe);
    });
  }
  for (std::thread& thread : threads) thread.join();
  expect_equations("all but one closed");
  EXPECT_EQ(vfs_.main.opens, 41);
  EXPECT_EQ(vfs_.shm.opens, 41);
  EXPECT_GE(vfs_.main.peak, 2);
  EXPECT_LE(vfs_.main.peak, 5);
}

}  // namespace
}  // namespace walsoak::sqlite
