// noop, per-tick and unclosed: the life of a connection in one use, on every way out.
#include <gmock/gmock.h>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using sqlite::Actor;
using testing::ElementsAre;
using testing::IsEmpty;

const board::Board kBoard = fake_board(0);

TEST(Noop, DoesNoWorkAndOpensNothing) {
  FakeHost host("noop");
  const auto strategy = make_strategy("noop", host);
  bool worked = false;
  EXPECT_FALSE(strategy->use(kBoard, Actor::dispatcher, [&](sqlite::Connection&) { worked = true; }));
  strategy->close_all();
  EXPECT_FALSE(worked);
  EXPECT_THAT(host.connects_, IsEmpty());
  EXPECT_THAT(host.dropped_, IsEmpty());
}

TEST(PerTick, OpensForEachUseAndCloses) {
  FakeHost host("per-tick");
  const auto strategy = make_strategy("per-tick", host);
  for (const Actor actor : {Actor::dispatcher, Actor::probe}) {
    EXPECT_TRUE(strategy->use(kBoard, actor, [&](sqlite::Connection& connection) {
      read_something(connection);
      EXPECT_EQ(host.open(kBoard), 1);
    }));
    EXPECT_EQ(host.open(kBoard), 0);
  }
  EXPECT_THAT(host.connects_, ElementsAre("b01 dispatcher", "b01 probe"));
  EXPECT_THAT(host.dropped_, IsEmpty());
}

TEST(PerTick, ClosesWhereTheWorkFails) {
  FakeHost host("per-tick");
  const auto strategy = make_strategy("per-tick", host);
  EXPECT_THROW(strategy->use(kBoard, Actor::dispatcher, [](sqlite::Connection&) { fail_with(SQLITE_FULL); }),
               sqlite::Error);
  EXPECT_THAT(host.connects_, ElementsAre("b01 dispatcher"));
  EXPECT_EQ(host.open(kBoard), 0);
}

TEST(Unclosed, LeavesEveryConnectionToTheCollector) {
  FakeHost host("unclosed");
  const auto strategy = make_strategy("unclosed", host);
  for (int use = 1; use <= 3; ++use) {
    EXPECT_TRUE(strategy->use(kBoard, Actor::dispatcher, read_something));
    EXPECT_EQ(host.dropped_.size(), static_cast<std::size_t>(use));
    EXPECT_EQ(host.open(kBoard), use);
  }
  strategy->close_all();
  EXPECT_EQ(host.open(kBoard), 3) << "what is dropped is not the strategy's any more";
  host.dropped_.clear();
  EXPECT_EQ(host.open(kBoard), 0);
}

TEST(Unclosed, DropsWhereTheWorkFailsToo) {
  FakeHost host("unclosed");
  const auto strategy = make_strategy("unclosed", host);
  EXPECT_THROW(strategy->use(kBoard, Actor::dispatcher, [](sqlite::Connection&) { fail_with(SQLITE_IOERR); }),
               sqlite::Error);
  EXPECT_EQ(host.dropped_.size(), 1u);
  EXPECT_EQ(host.open(kBoard), 1);
}

TEST(EachStrategy, LetsAFailingConnectThroughAndHoldsNothing) {
  for (const Declaration& declaration : declared_strategies()) {
    if (declaration.name == "noop") continue;
    FakeHost host{std::string(declaration.name)};
    const auto strategy = make_strategy(declaration.name, host);
    host.connect_error_ = true;
    bool worked = false;
    EXPECT_THROW(strategy->use(kBoard, Actor::dispatcher, [&](sqlite::Connection&) { worked = true; }),
                 sqlite::Error)
        << declaration.name;
    EXPECT_FALSE(worked) << declaration.name;
    EXPECT_THAT(host.dropped_, IsEmpty()) << declaration.name;
    host.connect_error_ = false;
    EXPECT_TRUE(strategy->use(kBoard, Actor::dispatcher, read_something)) << declaration.name;
    strategy->close_all();
  }
}

TEST(EachStrategy, WorksOnRealBoardsAndEndsWithAllClosed) {
  const tests::Boards boards;
  const board::Board board = boards.seeded();
  for (const Declaration& declaration : declared_strategies()) {
    FakeHost host{std::string(declaration.name)};
    host.real_boards_ = true;
    {
      const auto strategy = make_strategy(declaration.name, host);
      for (int use = 0; use < 12; ++use) {
        strategy->use(board, Actor::dispatcher, [](sqlite::Connection& connection) {
          EXPECT_EQ(connection.value("tasks", "SELECT count(*) FROM tasks"), "20");
        });
      }
      strategy->close_all();
    }
    host.dropped_.clear();
    EXPECT_EQ(host.open(board), 0) << declaration.name;
    EXPECT_FALSE(std::filesystem::exists(board.path + "-wal")) << declaration.name;
  }
}

}  // namespace
}  // namespace walsoak
