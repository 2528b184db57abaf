// breathing-pool: a size that wanders by its seed around the mean it was given, and a leak of the rate it was
// given.
#include <gmock/gmock.h>

#include <numeric>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using sqlite::Actor;

std::vector<std::int64_t> sizes(int passes, const nlohmann::json& changes) {
  FakeHost host("breathing-pool", changes);
  const auto strategy = make_strategy("breathing-pool", host);
  std::vector<std::int64_t> result;
  for (int pass = 0; pass < passes; ++pass) {
    strategy->use(fake_board(0), Actor::dispatcher, read_something);
    result.push_back(host.open(fake_board(0)));
  }
  strategy->close_all();
  EXPECT_EQ(host.open(fake_board(0)), 0);
  return result;
}

double mean(const std::vector<std::int64_t>& values) {
  return static_cast<double>(std::accumulate(values.begin(), values.end(), std::int64_t{0})) /
         static_cast<double>(values.size());
}

// Of neighbours, as a correlation.
double alike(const std::vector<std::int64_t>& values) {
  const double middle = mean(values);
  double with_next = 0, with_itself = 0;
  for (std::size_t i = 0; i + 1 < values.size(); ++i) {
    const double here = static_cast<double>(values[i]) - middle;
    with_next += here * (static_cast<double>(values[i + 1]) - middle);
    with_itself += here * here;
  }
  return with_next / with_itself;
}

TEST(BreathingPool, WandersAroundItsSizeAsMuchAsItRemembers) {
  const auto fast = sizes(4000, {{"pool_size", 8}, {"leak_every", 0}, {"pool_coefficient", 0}});
  EXPECT_NEAR(mean(fast), 8, 0.2);
  EXPECT_NEAR(alike(fast), 0, 0.05);
  const auto slow = sizes(4000, {{"pool_size", 8}, {"leak_every", 0}, {"pool_coefficient", 0.9}});
  EXPECT_NEAR(mean(slow), 8, 0.8);
  EXPECT_NEAR(alike(slow), 0.9, 0.05);
}

TEST(BreathingPool, TheSeedDecides) {
  const nlohmann::json one = {{"seed", 1}}, other = {{"seed", 2}};
  EXPECT_EQ(sizes(50, one), sizes(50, one));
  EXPECT_NE(sizes(50, one), sizes(50, other));
}

TEST(BreathingPool, TheLeakLiesOnTop) {
  const auto sound = sizes(1000, {{"leak_every", 0}}), leaking = sizes(1000, {{"leak_every", 100}});
  for (std::size_t pass = 0; pass < sound.size(); ++pass) {
    ASSERT_EQ(leaking[pass] - sound[pass], static_cast<std::int64_t>((pass + 1) / 100)) << pass;
  }
}

TEST(BreathingPool, OtherBoardsAndUsesLeaveItAsItIs) {
  FakeHost host("breathing-pool", {{"pool_size", 8}});
  const auto strategy = make_strategy("breathing-pool", host);
  strategy->use(fake_board(1), Actor::dispatcher, read_something);
  strategy->use(fake_board(0), Actor::probe, read_something);
  EXPECT_EQ(host.open(fake_board(0)) + host.open(fake_board(1)), 0);
  strategy->use(fake_board(0), Actor::dispatcher, read_something);
  const std::int64_t open = host.open(fake_board(0));
  strategy->use(fake_board(0), Actor::probe, read_something);
  EXPECT_EQ(host.open(fake_board(0)), open);
  strategy->forget(fake_board(0));
  EXPECT_EQ(host.open(fake_board(0)), 0);
}

}  // namespace
}  // namespace walsoak
