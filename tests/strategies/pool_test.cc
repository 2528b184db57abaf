// pool: idle connections are used again and go by age; whether more may be in use is what the modes differ
// in.
#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using nlohmann::json;
using sqlite::Actor;
using testing::ElementsAre;

class Pool : public testing::Test {
 protected:
  explicit Pool(const json& changes = {{"pool_size", 2}})
      : host_("pool", changes), strategy_(make_strategy("pool", host_)) {}

  void use(std::size_t board, const Strategy::Work& work = read_something) {
    EXPECT_TRUE(strategy_->use(fake_board(board), Actor::dispatcher, work));
  }
  std::int64_t open() const {
    std::int64_t all = 0;
    for (const std::size_t board : {0u, 1u, 2u, 3u}) all += host_.open(fake_board(board));
    return all;
  }

  FakeHost host_;
  std::unique_ptr<Strategy> strategy_;
};

TEST_F(Pool, AnIdleConnectionOfTheBoardIsUsedAgainByAnyThread) {
  use(0);
  std::thread([&] { use(0); }).join();
  EXPECT_THAT(host_.connects_, ElementsAre("b01 dispatcher"));
}

TEST_F(Pool, TheLeastRecentlyUsedGoes) {
  use(0);
  use(1);
  use(0);
  use(2);  // in place of b02's
  EXPECT_EQ(open(), 2);
  EXPECT_EQ(host_.open(fake_board(1)), 0);
  use(0);
  EXPECT_EQ(host_.connects_.size(), 3u);
}

TEST_F(Pool, MoreMayBeInUseAtOnceAndGoWhenTheyComeBack) {
  use(0, [&](sqlite::Connection&) {
    use(1, [&](sqlite::Connection&) { use(2, [&](sqlite::Connection&) { EXPECT_EQ(open(), 3); }); });
  });
  EXPECT_EQ(open(), 2);
  EXPECT_EQ(host_.waits_, 0);
}

TEST_F(Pool, AnErrorGivesTheConnectionBack) {
  const auto fail = [](sqlite::Connection&) { fail_with(SQLITE_IOERR); };
  EXPECT_THROW(strategy_->use(fake_board(0), Actor::dispatcher, fail), sqlite::Error);
  use(0);
  EXPECT_EQ(host_.connects_.size(), 1u);
}

TEST_F(Pool, AFailingConnectGivesItsPlaceBack) {
  host_.connect_error_ = true;
  for (int tries = 0; tries < 3; ++tries) {
    EXPECT_THROW(strategy_->use(fake_board(0), Actor::dispatcher, read_something), sqlite::Error);
  }
  host_.connect_error_ = false;
  use(0);
  use(1);
  EXPECT_EQ(open(), 2) << "both places are there";
}

TEST_F(Pool, TheEndClosesWhatIsIdle) {
  use(0);
  use(1);
  strategy_->close_all();
  EXPECT_EQ(open(), 0);
}

class BorrowedPool : public Pool {
 protected:
  BorrowedPool() : Pool({{"pool_size", 1}, {"pool_mode", "borrowed"}}) {}
};

TEST_F(BorrowedPool, ABorrowerWaitsSoThatThePeakIsBounded) {
  std::atomic<bool> begun = false;
  std::vector<std::string> order;
  std::thread second;
  use(0, [&](sqlite::Connection&) {
    second = std::thread([&] {
      begun = true;
      use(1, [&](sqlite::Connection&) {
        order.push_back("second");
        EXPECT_EQ(open(), 1);
      });
    });
    while (!begun) std::this_thread::yield();
    order.push_back("first ends");
  });
  second.join();
  EXPECT_THAT(order, ElementsAre("first ends", "second"));
  EXPECT_EQ(host_.waits_, 2) << "each borrower's time is counted";
}

TEST_F(BorrowedPool, AFailingConnectDoesNotShutTheNextOut) {
  host_.connect_error_ = true;
  EXPECT_THROW(strategy_->use(fake_board(0), Actor::dispatcher, read_something), sqlite::Error);
  host_.connect_error_ = false;
  use(1);
  EXPECT_EQ(open(), 1);
}

}  // namespace
}  // namespace walsoak
