// Growth of a free-running cell whose connections come and go while it is sampled.
#include "harness/judgement/finding/growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "harness/judgement/finding/finding.h"
#include "harness/judgement/finding/metrics.h"
#include "tests/facts/builders.h"
#include "tests/os/sanitized.h"
#include "tests/stats/trend_series.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using ::testing::HasSubstr;
using testing::Json;
using testing::Pool;

// So many ticks of one board with `at(tick)` connections open; warm-up is one tick.
facts::CellFacts clocked(std::int64_t ticks, const std::function<std::int64_t(std::int64_t)>& at) {
  std::vector<Json> lines;
  for (std::int64_t tick = 0; tick < ticks; ++tick) {
    lines.push_back(testing::free_tick(tick));
    lines.push_back(testing::free_sample(tick, {board(at(tick))}));
  }
  return testing::healthy_facts(testing::free_header(1, {{"warmup_ticks", 1}}), lines);
}

facts::CellFacts breathing(std::int64_t ticks, std::uint64_t seed, std::int64_t leak_every = 0) {
  Pool pool(0.9, 2, seed);
  return clocked(ticks,
                 [&](std::int64_t tick) { return pool.next() + (leak_every > 0 ? tick / leak_every : 0); });
}

TEST(GrowthTest, APoolThatBreathesIsCleanWhateverItsEndsHappenToBe) {
  WALSOAK_SKIP_STATISTICS_IF_SANITIZED();
  int higher_at_the_end = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const facts::CellFacts facts = breathing(400, seed);
    EXPECT_EQ(find(facts).name, "clean") << "seed " << seed;
    higher_at_the_end += *metrics_of(facts).at("descriptors_net_growth") > 0 ? 1 : 0;
  }
  EXPECT_GT(higher_at_the_end, 3) << "from end to end alone some would look as if they grew";
}

TEST(GrowthTest, ALeakBesideSuchAPoolIsFoundAndItsRateStandsInTheMetrics) {
  const facts::CellFacts facts = breathing(1000, 3, 20);
  const Finding finding = find(facts);
  EXPECT_EQ(finding.name, "leak");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("; leak: "));
  // A connection is two descriptors: one in 20 ticks is 100,000 in a million.
  const Metrics metrics = metrics_of(facts);
  EXPECT_LE(*metrics.at("descriptors_net_slope_low_per_million_ticks"), 100000);
  EXPECT_GE(*metrics.at("descriptors_net_slope_high_per_million_ticks"), 100000);
  EXPECT_GT(*metrics.at("descriptors_net_slope_per_million_ticks"), 80000);
  EXPECT_LT(*metrics.at("descriptors_net_min_detectable_slope_per_million_ticks"), 100000);
  EXPECT_GE(*metrics.at("descriptors_net_min_detectable_slope_per_million_ticks"), 1000);
  EXPECT_LT(*metrics.at("descriptors_net_trend_p_per_million"), 2000);
  EXPECT_LE(*metrics.at("descriptors_net_effective_samples"), 128);
  EXPECT_TRUE(metrics.at("descriptors_net_last_quarter_slope_per_million_ticks").has_value());
}

TEST(GrowthTest, AStepBesideSuchAPoolIsBoundedGrowth) {
  Pool pool(0.5, 1, 5);
  const facts::CellFacts facts =
      clocked(1000, [&](std::int64_t tick) { return pool.next() + (tick < 400 ? 0 : 15); });
  const Finding finding = find(facts);
  EXPECT_EQ(finding.name, "bounded growth");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("a step of "));
}

TEST(GrowthTest, AStepThatCameLateIsUnknown) {
  Pool pool(0.5, 1, 6);
  const facts::CellFacts facts =
      clocked(1000, [&](std::int64_t tick) { return pool.next() + (tick < 900 ? 0 : 15); });
  const Finding finding = find(facts);
  EXPECT_EQ(finding.name, "unknown");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("too late in the run"));
}

TEST(GrowthTest, WhatNeverFallsIsCountedHoweverSlowItIs) {
  const facts::CellFacts facts = clocked(1000, [](std::int64_t tick) { return 2 + tick / 400; });
  EXPECT_EQ(find(facts).name, "leak");
  EXPECT_EQ(metrics_of(facts).at("descriptors_net_growth"), 4);
}

TEST(GrowthTest, TooFewSamplesForATrendAreCounted) {
  const facts::CellFacts facts = clocked(15, [](std::int64_t tick) { return 2 + tick + tick % 2 * 2; });
  EXPECT_EQ(find(facts).name, "leak");
  const Metrics metrics = metrics_of(facts);
  EXPECT_EQ(metrics.at("descriptors_net_slope_per_million_ticks"), std::nullopt);
  EXPECT_EQ(metrics.at("descriptors_net_min_detectable_slope_per_million_ticks"), std::nullopt);
}

TEST(GrowthTest, LockstepHasNoSlopes) {
  const Metrics metrics =
      metrics_of(testing::series_facts(60, [](std::int64_t tick) { return board(tick); }));
  EXPECT_FALSE(metrics.contains("descriptors_net_slope_per_million_ticks"));
}

}  // namespace
}  // namespace walsoak::judgement
