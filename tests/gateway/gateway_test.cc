// The gateway: who goes through the strategy, on which thread, what is held, dropped and collected, and the
// identity of a board's file.
#include "harness/subject/gateway/gateway.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <thread>

#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/board/boards.h"

namespace walsoak::subject {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sqlite::Actor;

class GatewayTest : public testing::Test {
 protected:
  Gateway& make(const json& changes) {
    gateway_ = std::make_unique<Gateway>(tests::settings_with(changes), boards_, api_);
    return *gateway_;
  }
  void use(Actor actor, std::int64_t thread = 0) {
    gateway_->thread_for(actor, thread).run([&] {
      EXPECT_TRUE(gateway_->use(board_, actor, [](sqlite::Connection& connection) {
        EXPECT_EQ(connection.value("tasks", "SELECT count(*) FROM tasks"), "20");
      }));
    });
  }
  std::int64_t opened(Actor actor) const {
    return api_.counts(board_.path).opened[static_cast<std::size_t>(actor)];
  }
  std::int64_t open() const { return api_.counts(board_.path).open(); }
  observer::DescriptorCounts kernel() const {
    return observer::KernelLedger({{"b01", board_.path}})
        .look(os::read_descriptor_table(::getpid()))
        .at("b01")
        .counts.value();
  }

  tests::Boards folder_;
  board::Board board_ = folder_.seeded();
  std::vector<board::Board> boards_{board_};
  sqlite::ApiLedger api_;
  std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, InScopeOfTheDispatcherAreItsOwnActors) {
  const Gateway& gateway = make({});
  for (const Actor actor : {Actor::dispatcher, Actor::probe, Actor::inside})
    EXPECT_TRUE(gateway.in_scope(actor));
  for (const Actor actor : {Actor::triage, Actor::notifier, Actor::held})
    EXPECT_FALSE(gateway.in_scope(actor));
}

TEST_F(GatewayTest, InScopeOfTheProcessIsEveryActorOfTheSubject) {
  const Gateway& gateway = make({{"scope", "process"}});
  for (const Actor actor : {Actor::dispatcher, Actor::probe, Actor::inside, Actor::triage, Actor::notifier}) {
    EXPECT_TRUE(gateway.in_scope(actor));
  }
  EXPECT_FALSE(gateway.in_scope(Actor::held)) << "held_connection is the cell's, not the strategy's";
}

TEST_F(GatewayTest, TheStrategyAndItsScopeDecideTheThread) {
  Gateway& pool = make({{"strategy", "per-tick"}});
  for (const Actor actor : {Actor::dispatcher, Actor::notifier})
    EXPECT_EQ(pool.thread_for(actor, 5).name(), "pool-5");
  Gateway& dedicated = make({{"strategy", "persistent"}});
  for (const Actor actor : {Actor::dispatcher, Actor::probe, Actor::inside}) {
    EXPECT_EQ(dedicated.thread_for(actor, 5).name(), "kanban-dispatcher");
  }
  for (const Actor actor : {Actor::triage, Actor::notifier})
    EXPECT_EQ(dedicated.thread_for(actor, 5).name(), "pool-5");
  Gateway& process = make({{"strategy", "persistent"}, {"scope", "process"}});
  EXPECT_EQ(process.thread_for(Actor::notifier, 5).name(), "kanban-dispatcher");
}

TEST_F(GatewayTest, OutOfScopeEachUseIsAConnectionOfItsOwn) {
  make({{"strategy", "persistent"}});
  for (int tick = 0; tick < 3; ++tick) {
    for (const Actor actor : {Actor::dispatcher, Actor::probe, Actor::triage, Actor::notifier})
      use(actor, tick);
  }
  EXPECT_EQ(opened(Actor::dispatcher), 1);
  EXPECT_EQ(opened(Actor::probe), 0) << "shares the dispatcher's";
  EXPECT_EQ(opened(Actor::triage), 3);
  EXPECT_EQ(opened(Actor::notifier), 3);
  EXPECT_EQ(open(), 1);
  gateway_->close_everything(0);
  EXPECT_EQ(open(), 0);
}

TEST_F(GatewayTest, InScopeOfTheProcessAllShareTheStrategysConnection) {
  make({{"strategy", "persistent"}, {"scope", "process"}});
  for (const Actor actor : {Actor::dispatcher, Actor::probe, Actor::triage, Actor::notifier}) use(actor);
  EXPECT_EQ(opened(Actor::dispatcher), 1);
  EXPECT_EQ(opened(Actor::notifier) + opened(Actor::triage) + opened(Actor::probe), 0);
  gateway_->close_everything(0);
}

TEST_F(GatewayTest, AnErrorOutOfScopeClosesTheConnection) {
  make({});
  EXPECT_THROW(gateway_->use(board_, Actor::notifier,
                             [](sqlite::Connection& connection) { connection.execute("typo", "SELEC"); }),
               sqlite::Error);
  EXPECT_EQ(opened(Actor::notifier), 1);
  EXPECT_EQ(open(), 0);
}

TEST_F(GatewayTest, UnclosedTriageIsDroppedAndCollected) {
  make({{"auto_decompose", "unclosed"}});
  for (int tick = 0; tick < 3; ++tick) use(Actor::triage, tick);
  EXPECT_THROW(gateway_->use(board_, Actor::triage,
                             [](sqlite::Connection& connection) { connection.execute("typo", "SELEC"); }),
               sqlite::Error);
  EXPECT_EQ(open(), 4) << "an error leaves it unclosed too";
  use(Actor::notifier);
  EXPECT_EQ(open(), 4) << "the setting is triage's alone";
  EXPECT_EQ(gateway_->collect(), 4u);
  EXPECT_EQ(open(), 0);
  EXPECT_EQ(gateway_->collect(), 0u);
}

TEST_F(GatewayTest, ACollectionOnAnyThreadFreesWhatAStrategyDropped) {
  make({{"strategy", "unclosed"}});
  for (int tick = 0; tick < 3; ++tick) use(Actor::dispatcher, tick);
  EXPECT_EQ(open(), 3);
  EXPECT_EQ(kernel().main, 3);
  EXPECT_EQ(kernel().wal, 3);
  std::size_t freed = 0;
  gateway_->thread_for(Actor::held, 9).run([&] { freed = gateway_->collect(); });
  EXPECT_EQ(freed, 3u);
  EXPECT_EQ(open(), 0);
  EXPECT_EQ(kernel(), observer::DescriptorCounts{});
}

TEST_F(GatewayTest, AHeldConnectionHoldsItsLockOnEveryBoard) {
  boards_.push_back(folder_.seeded("b02", {}, 1));
  make({});
  gateway_->open_held();
  EXPECT_EQ(opened(Actor::held), 1);
  EXPECT_EQ(api_.counts(boards_[1].path).open(), 1);
  EXPECT_EQ(kernel(), (observer::DescriptorCounts{
                          .main = 1, .wal = 1, .shm = 1, .lock_main_posix = 1, .lock_shm_dms = 1}));
  use(Actor::dispatcher);
  EXPECT_EQ(kernel().wal, 1);
  EXPECT_TRUE(fs::exists(board_.path + "-wal")) << "the held one is the last";
  gateway_->close_everything(0);
  EXPECT_EQ(open() + api_.counts(boards_[1].path).open(), 0);
  EXPECT_FALSE(fs::exists(board_.path + "-wal"));
}

TEST_F(GatewayTest, EverythingIsClosedAtTheEnd) {
  make({{"strategy", "planted-leak"}, {"leak_every", 1}, {"auto_decompose", "unclosed"}});
  gateway_->open_held();
  use(Actor::dispatcher, 1);
  use(Actor::triage, 2);
  EXPECT_EQ(open(), 3);
  gateway_->close_everything(0);
  EXPECT_EQ(open(), 0);
}

TEST_F(GatewayTest, TheInodeTellsWhichFileItIs) {
  const Gateway& gateway = make({});
  const Fingerprint before = gateway.fingerprint(board_, FingerprintKind::inode);
  EXPECT_EQ(before.path, board_.path);
  tests::Look(board_).execute("UPDATE tasks SET title = 'x'");
  EXPECT_EQ(gateway.fingerprint(board_, FingerprintKind::inode), before);
  fs::copy_file(board_.path, board_.path + ".new");
  fs::rename(board_.path + ".new", board_.path);
  EXPECT_NE(gateway.fingerprint(board_, FingerprintKind::inode), before);
}

TEST_F(GatewayTest, MtimeAndSizeTellWhetherItWasWritten) {
  const Gateway& gateway = make({});
  const auto now = [&] { return gateway.fingerprint(board_, FingerprintKind::mtime_size); };
  const auto mtime = fs::last_write_time(board_.path);
  const Fingerprint before = now();
  EXPECT_EQ(before.path, board_.path);
  EXPECT_EQ(before.second, static_cast<std::int64_t>(fs::file_size(board_.path)));
  EXPECT_EQ(now(), before);
  fs::last_write_time(board_.path, mtime + std::chrono::nanoseconds(1000));
  EXPECT_EQ(now().first, before.first + 1000);
  fs::last_write_time(board_.path, mtime);
  EXPECT_EQ(now(), before);
  fs::resize_file(board_.path, fs::file_size(board_.path) + 1);
  fs::last_write_time(board_.path, mtime);
  EXPECT_EQ(now().second, before.second + 1);
}

TEST_F(GatewayTest, AFileThatIsNotThereHasNoFingerprint) {
  const Gateway& gateway = make({});
  for (const FingerprintKind kind : {FingerprintKind::inode, FingerprintKind::mtime_size}) {
    EXPECT_EQ(gateway.fingerprint(folder_.named("b09"), kind), Fingerprint{});
  }
}

}  // namespace
}  // namespace walsoak::subject
