// shared: one connection a board whoever asks, one use at a time, kept through errors and to the end.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using sqlite::Actor;
using testing::ElementsAre;

class Shared : public testing::Test {
 protected:
  FakeHost host_{"shared"};
  std::unique_ptr<Strategy> strategy_ = make_strategy("shared", host_);
};

TEST_F(Shared, AllThreadsUseOneConnectionABoard) {
  std::vector<sqlite::Connection*> used;
  const auto use = [&](std::size_t board) {
    strategy_->use(fake_board(board), Actor::dispatcher, [&](sqlite::Connection& connection) {
      read_something(connection);
      used.push_back(&connection);
    });
  };
  use(0);
  std::thread([&] { use(0); }).join();
  use(1);
  EXPECT_THAT(host_.connects_, ElementsAre("b01 dispatcher", "b02 dispatcher"));
  EXPECT_EQ(used[0], used[1]);
  EXPECT_NE(used[0], used[2]);
}

TEST_F(Shared, AUseWaitsForTheOneBeforeItToEnd) {
  std::atomic<bool> begun = false;
  std::vector<std::string> order;
  std::thread second;
  strategy_->use(fake_board(0), Actor::dispatcher, [&](sqlite::Connection&) {
    second = std::thread([&] {
      begun = true;
      strategy_->use(fake_board(0), Actor::probe, [&](sqlite::Connection&) { order.push_back("second"); });
    });
    while (!begun) std::this_thread::yield();
    order.push_back("first ends");
  });
  second.join();
  EXPECT_THAT(order, ElementsAre("first ends", "second"));
  EXPECT_EQ(host_.connects_.size(), 1u);
}

TEST_F(Shared, AnErrorLeavesTheConnectionWhereItIs) {
  const auto fail = [](sqlite::Connection&) { fail_with(SQLITE_CORRUPT); };
  EXPECT_THROW(strategy_->use(fake_board(0), Actor::dispatcher, fail), sqlite::Error);
  EXPECT_TRUE(strategy_->use(fake_board(0), Actor::dispatcher, read_something)) << "and free for the next";
  EXPECT_EQ(host_.connects_.size(), 1u);
}

TEST_F(Shared, TheEndClosesEveryBoard) {
  for (const std::size_t board : {0u, 1u})
    strategy_->use(fake_board(board), Actor::dispatcher, read_something);
  strategy_->close_all();
  EXPECT_EQ(host_.open(fake_board(0)) + host_.open(fake_board(1)), 0);
}

}  // namespace
}  // namespace walsoak
