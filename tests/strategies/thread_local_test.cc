// thread-local: a connection a thread and board, left to the collector by a thread that ends.
#include <gmock/gmock.h>

#include <thread>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using sqlite::Actor;

class ThreadLocal : public testing::Test {
 protected:
  void use(std::size_t board) { strategy_->use(fake_board(board), Actor::dispatcher, read_something); }

  FakeHost host_{"thread-local"};
  std::unique_ptr<Strategy> strategy_ = make_strategy("thread-local", host_);
};

TEST_F(ThreadLocal, EachThreadHasOneOfItsOwnForEachBoard) {
  for (int twice = 0; twice < 2; ++twice) {
    use(0);
    use(1);
  }
  EXPECT_EQ(host_.connects_.size(), 2u);
  std::thread([&] {
    use(0);
    use(0);
    EXPECT_EQ(host_.open(fake_board(0)), 2);
  }).join();
  EXPECT_EQ(host_.connects_.size(), 3u);
}

TEST_F(ThreadLocal, AThreadThatEndsLeavesItsConnectionsToTheCollector) {
  use(0);
  for (int thread = 1; thread <= 3; ++thread) {
    std::thread([&] {
      use(0);
      use(1);
    }).join();
    EXPECT_EQ(host_.dropped_.size(), 2u * thread);
  }
  EXPECT_EQ(host_.open(fake_board(0)), 4);
  host_.dropped_.clear();
  EXPECT_EQ(host_.open(fake_board(0)), 1) << "the calling thread's own";
}

TEST_F(ThreadLocal, AThreadMayOutliveTheStrategy) {
  std::thread([&] {
    use(0);
    strategy_->close_all();
    strategy_.reset();
  }).join();
  EXPECT_EQ(host_.open(fake_board(0)), 0);
  EXPECT_TRUE(host_.dropped_.empty());
}

TEST_F(ThreadLocal, AThreadWhoseConnectFailedLeavesNothing) {
  std::thread([&] {
    host_.connect_error_ = true;
    EXPECT_THROW(use(0), sqlite::Error);
  }).join();
  EXPECT_TRUE(host_.dropped_.empty());
}

TEST_F(ThreadLocal, TheEndClosesWhatLivingThreadsHold) {
  use(0);
  strategy_->close_all();
  EXPECT_EQ(host_.open(fake_board(0)), 0);
}

}  // namespace
}  // namespace walsoak
