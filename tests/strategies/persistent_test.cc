// persistent: one open a board for good, until its fingerprint changes or it is corrupt. Several tests bear
// the names of those of the proposal that it reproduces.
#include <gmock/gmock.h>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using nlohmann::json;
using sqlite::Actor;
using testing::Each;
using testing::ElementsAre;

class Persistent : public testing::Test {
 protected:
  explicit Persistent(const json& changes = {})
      : host_("persistent", changes), strategy_(make_strategy("persistent", host_)) {}

  void use(std::size_t index, Actor actor = Actor::dispatcher) {
    EXPECT_TRUE(strategy_->use(fake_board(index), actor, [&](sqlite::Connection& connection) {
      read_something(connection);
      used_.push_back(&connection);
    }));
  }
  void fail(std::size_t index, int code) {
    EXPECT_THROW(
        strategy_->use(fake_board(index), Actor::dispatcher, [&](sqlite::Connection&) { fail_with(code); }),
        sqlite::Error);
  }
  std::int64_t open(std::size_t index) const { return host_.open(fake_board(index)); }

  FakeHost host_;
  std::unique_ptr<Strategy> strategy_;
  std::vector<sqlite::Connection*> used_;
};

TEST_F(Persistent, UsesDedicatedSingleThreadExecutor) {
  EXPECT_EQ(declaration_of("persistent").executor, Executor::dedicated);
  EXPECT_EQ(declaration_of("persistent").affinity, sqlite::Affinity::owner_thread);
}

TEST_F(Persistent, ReusesBoardConnectionAcrossTicks) {
  for (int tick = 0; tick < 20; ++tick) {
    for (const std::size_t index : {0u, 1u, 2u}) use(index);
  }
  EXPECT_THAT(host_.connects_, ElementsAre("b01 dispatcher", "b02 dispatcher", "b03 dispatcher"));
  for (const std::size_t index : {0u, 1u, 2u}) EXPECT_EQ(open(index), 1);
}

TEST_F(Persistent, HealthProbeUsesCachedConnection) {
  use(0, Actor::dispatcher);
  use(0, Actor::probe);
  EXPECT_THAT(host_.connects_, ElementsAre("b01 dispatcher"));
  EXPECT_EQ(used_[0], used_[1]);
}

TEST_F(Persistent, ClosesCachedConnectionOnShutdown) {
  use(0);
  use(1);
  strategy_->close_all();
  EXPECT_EQ(open(0) + open(1), 0);
}

TEST_F(Persistent, ReopensCachedConnectionWhenFingerprintChanges) {
  use(0);
  use(1);
  host_.fingerprints_["b01"] = {"/boards/b01", 1, 2};
  use(0);
  use(0);
  use(1);
  EXPECT_THAT(host_.connects_, ElementsAre("b01 dispatcher", "b02 dispatcher", "b01 dispatcher"));
  EXPECT_EQ(open(0), 1) << "the old one is closed";
}

TEST_F(Persistent, EveryPartOfTheFingerprintCounts) {
  std::size_t opens = 0;
  for (const Fingerprint& changed : {Fingerprint{"/boards/b01", 1, 1}, Fingerprint{"/elsewhere", 1, 1},
                                     Fingerprint{"/elsewhere", 2, 1}, Fingerprint{"/elsewhere", 2, 2}}) {
    host_.fingerprints_["b01"] = changed;
    use(0);
    EXPECT_EQ(host_.connects_.size(), ++opens);
  }
}

TEST_F(Persistent, CorruptBoardClosesAndTheNextUseReopens) {
  for (const int code : {SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CORRUPT_INDEX}) {
    use(0);
    const std::size_t opens = host_.connects_.size();
    fail(0, code);
    EXPECT_EQ(open(0), 0);
    use(0);
    EXPECT_EQ(host_.connects_.size(), opens + 1);
  }
}

TEST_F(Persistent, AnyOtherErrorKeepsTheConnection) {
  use(0);
  for (const int code : {SQLITE_BUSY, SQLITE_IOERR_SHORT_READ, SQLITE_FULL}) fail(0, code);
  EXPECT_EQ(open(0), 1);
  use(0);
  EXPECT_EQ(host_.connects_.size(), 1u);
}

TEST_F(Persistent, CorruptOnItsFirstUseIsForgottenToo) {
  fail(0, SQLITE_CORRUPT);
  EXPECT_EQ(open(0), 0);
  strategy_->close_all();
}

TEST_F(Persistent, ByDefaultTheFingerprintIsTheInode) {
  use(0);
  use(0);
  EXPECT_THAT(host_.asked_, Each(FingerprintKind::inode));
}

class PersistentByMtime : public Persistent {
 protected:
  PersistentByMtime() : Persistent({{"fingerprint", "mtime-size"}}) {}
};

TEST_F(PersistentByMtime, AsksForMtimeAndSize) {
  use(0);
  use(0);
  EXPECT_THAT(host_.asked_, Each(FingerprintKind::mtime_size));
  EXPECT_GE(host_.asked_.size(), 2u);
}

class PersistentBounded : public Persistent {
 protected:
  PersistentBounded() : Persistent({{"max_cached_connections", 2}}) {}
};

TEST_F(PersistentBounded, TheLeastRecentlyUsedGoes) {
  use(0);
  use(1);
  use(0);
  use(2);
  EXPECT_EQ(open(0), 1);
  EXPECT_EQ(open(1), 0) << "b02 was used least recently";
  EXPECT_EQ(open(2), 1);
  use(0);
  EXPECT_EQ(host_.connects_.size(), 3u);
  use(1);
  EXPECT_EQ(open(2), 0);
  EXPECT_EQ(host_.connects_.size(), 4u);
}

TEST_F(PersistentBounded, NeverMoreThanTheBoundEvenWhileOpening) {
  for (std::size_t index = 0; index < 6; ++index) {
    use(index);
    std::int64_t all = 0;
    for (std::size_t other = 0; other < 6; ++other) all += open(other);
    EXPECT_LE(all, 2);
  }
}

TEST_F(PersistentBounded, AChangedFingerprintEvictsNobodyElse) {
  use(0);
  use(1);
  host_.fingerprints_["b02"] = {"/boards/b02", 9, 9};
  use(1);
  EXPECT_EQ(open(0), 1);
  EXPECT_EQ(open(1), 1);
}

}  // namespace
}  // namespace walsoak
