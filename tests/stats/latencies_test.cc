// Percentiles: exact while there are few values, within 1/128 beyond.
#include "harness/evidence/stats/latencies.h"

#include <gtest/gtest.h>

#include <limits>

namespace walsoak::stats {
namespace {

// 1 to `count`, times `unit`, in an order that jumps about: 7919 is prime.
Latencies scattered(std::int64_t count, std::int64_t unit = 1) {
  Latencies latencies;
  for (std::int64_t i = 0; i < count; ++i) latencies.add((i * 7919 % count + 1) * unit);
  return latencies;
}

TEST(LatenciesTest, WithoutAValueNothingIsKnown) {
  EXPECT_EQ(Latencies().at_share(0.5), std::nullopt);
  EXPECT_EQ(Latencies().max(), std::nullopt);
}

TEST(LatenciesTest, ExactByNearestRankUpToTheLimit) {
  const Latencies latencies = scattered(4096, 1000);
  EXPECT_EQ(latencies.at_share(0.5), 2'048'000);
  EXPECT_EQ(latencies.at_share(0.99), 4'056'000);  // rank 4055.04 is the 4056th
  EXPECT_EQ(latencies.at_share(1.0), 4'096'000);
  EXPECT_EQ(latencies.at_share(0.0), 1000);
}

TEST(LatenciesTest, BeyondItNeverTooLowAndWithinTheStatedError) {
  constexpr std::int64_t kCount = 100'000;
  const Latencies latencies = scattered(kCount, 13);
  EXPECT_EQ(latencies.count(), kCount);
  for (const double share : {0.001, 0.01, 0.25, 0.5, 0.9, 0.99, 0.999}) {
    const auto exact = static_cast<std::int64_t>(share * kCount + 0.5) * 13;
    ASSERT_TRUE(latencies.at_share(share));
    EXPECT_GE(*latencies.at_share(share), exact) << share;
    EXPECT_LE(*latencies.at_share(share), exact + exact / 128 + 1) << share;
  }
  EXPECT_EQ(latencies.at_share(1.0), kCount * 13);
  EXPECT_EQ(latencies.max(), kCount * 13);
}

TEST(LatenciesTest, SmallValuesStayExactBeyondTheLimit) {
  Latencies latencies;
  for (int i = 0; i < 10'000; ++i) latencies.add(i % 200);
  EXPECT_EQ(latencies.at_share(0.5), 99);
  EXPECT_EQ(latencies.at_share(0.995), 198);
}

TEST(LatenciesTest, TheFirstValueBeyondTheLimitLosesNoneOfTheOthers) {
  Latencies latencies = scattered(4096);
  latencies.add(5000);
  EXPECT_EQ(latencies.count(), 4097);
  EXPECT_EQ(latencies.at_share(0.01), 41);
  EXPECT_EQ(latencies.max(), 5000);
}

TEST(LatenciesTest, TheGreatestAndTheLeastNumberHaveAPlace) {
  Latencies latencies;
  for (int i = 0; i < 5000; ++i) latencies.add(-1);
  latencies.add(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(latencies.at_share(0.5), 0);
  EXPECT_EQ(latencies.at_share(1.0), std::numeric_limits<std::int64_t>::max());
}

}  // namespace
}  // namespace walsoak::stats
