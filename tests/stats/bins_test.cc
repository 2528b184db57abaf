// A series in bins: one sample each while there are few, pairs that merge, medians, unknown values.
#include "harness/evidence/stats/bins.h"

#include <gtest/gtest.h>

#include <functional>

namespace walsoak::stats {
namespace {

Bins filled_bins(std::int64_t samples, const std::function<Count(std::int64_t)>& value) {
  Bins bins;
  for (std::int64_t tick = 0; tick < samples; ++tick) bins.add(tick, value(tick));
  return bins;
}

TEST(BinsTest, ABinIsOneSampleUpToTheGreatestNumber) {
  const Bins bins = filled_bins(512, [](std::int64_t tick) { return 3 * tick; });
  ASSERT_EQ(bins.bins().size(), 512U);
  EXPECT_EQ(bins.width(), 1);
  for (std::size_t i = 0; i < 512; ++i) {
    const Bin& bin = bins.bins()[i];
    ASSERT_EQ(bin.tick_first, static_cast<std::int64_t>(i));
    ASSERT_EQ(bin.tick_last, bin.tick_first);
    ASSERT_EQ(bin.samples, 1);
    ASSERT_EQ(bin.min, 3 * bin.tick_first);
    ASSERT_EQ(bin.max, bin.min);
    ASSERT_EQ(bin.median(), bin.min);
  }
  EXPECT_EQ(bins.middle().tick_first, 255);
}

TEST(BinsTest, OneMoreMakesPairsOfThem) {
  const Bins bins = filled_bins(513, [](std::int64_t tick) { return tick; });
  ASSERT_EQ(bins.bins().size(), 257U);
  EXPECT_EQ(bins.width(), 2);
  EXPECT_EQ(bins.first().tick_last, 1);
  EXPECT_EQ(bins.first().min, 0);
  EXPECT_EQ(bins.first().max, 1);
  EXPECT_EQ(bins.bins().back().tick_first, 512);
}

TEST(BinsTest, NeitherSamplesNorWidthAreLostOverHours) {
  const std::int64_t samples = 100'000;
  const Bins bins = filled_bins(samples, [](std::int64_t tick) { return tick % 10; });
  EXPECT_LE(bins.bins().size(), Bins::kMost);
  EXPECT_GT(bins.bins().size(), Bins::kMost / 2 - 1);
  EXPECT_EQ(bins.width(), 256);
  std::int64_t next = 0;
  for (const Bin& bin : bins.bins()) {
    ASSERT_EQ(bin.tick_first, next);
    ASSERT_EQ(bin.samples, bin.tick_last - bin.tick_first + 1);
    ASSERT_EQ(bin.count, bin.samples);
    ASSERT_EQ(bin.min, 0);
    ASSERT_EQ(bin.max, 9);
    next = bin.tick_last + 1;
  }
  EXPECT_EQ(next, samples);
}

TEST(BinsTest, ALastBinThatIsLessThanHalfFullGoesWithTheOneBefore) {
  // 1024 samples fill 512 bins of two; one more makes 256 of four and a last one of a single sample.
  const auto saw_tooth = [](std::int64_t tick) { return tick % 4; };
  const Bins barely = filled_bins(1024 + 2, [](std::int64_t tick) { return tick < 1024 ? tick % 4 : 7; });
  EXPECT_EQ(barely.bins().back().samples, 2);
  EXPECT_EQ(barely.last().min, 7);
  const Bins less = filled_bins(1024 + 1, [](std::int64_t tick) { return tick < 1024 ? tick % 4 : 7; });
  EXPECT_EQ(less.bins().back().min, 7);
  EXPECT_EQ(less.last().min, 0);
  EXPECT_EQ(less.last().max, 7);
  EXPECT_EQ(less.last().tick_first, 1020);
  EXPECT_EQ(filled_bins(1, saw_tooth).last().min, 0);
}

TEST(BinsTest, AValueThatIsNotKnownSaysNothing) {
  const Bins single = filled_bins(3, [](std::int64_t tick) { return tick == 1 ? Count() : Count(5); });
  EXPECT_EQ(single.middle().min, std::nullopt);
  EXPECT_EQ(single.middle().median(), std::nullopt);
  EXPECT_EQ(single.middle().samples, 1);
  EXPECT_EQ(single.middle().count, 0);
  const Bins pairs = filled_bins(513, [](std::int64_t tick) { return tick % 2 == 1 ? Count() : Count(5); });
  EXPECT_EQ(pairs.first().min, 5);
  EXPECT_EQ(pairs.first().samples, 2);
  EXPECT_EQ(pairs.first().count, 1);
}

TEST(MedianSketchTest, ItIsExactForSixteenDifferentValues) {
  MedianSketch sketch;
  EXPECT_EQ(sketch.median(), std::nullopt);
  for (std::int64_t value = 16; value >= 1; --value) sketch.add(value);
  EXPECT_EQ(sketch.median(), 8);
  for (int i = 0; i < 17; ++i) sketch.add(16);
  EXPECT_EQ(sketch.entries(), 16U);
  EXPECT_EQ(sketch.median(), 16);
}

TEST(MedianSketchTest, BeyondThatItStaysNearTheMiddleInBoundedSpace) {
  for (const std::int64_t stride : {1, 7919}) {  // ascending, and scattered
    MedianSketch sketch;
    for (std::int64_t i = 0; i < 10'007; ++i) sketch.add(i * stride % 10'007);
    EXPECT_LE(sketch.entries(), MedianSketch::kMostEntries);
    ASSERT_TRUE(sketch.median());
    EXPECT_NEAR(static_cast<double>(*sketch.median()), 5'003, 1'250) << stride;
  }
}

TEST(MedianSketchTest, MergingKeepsWeights) {
  MedianSketch few, many;
  for (int i = 0; i < 3; ++i) few.add(1);
  for (int i = 0; i < 4; ++i) many.add(9);
  few.add(many);
  EXPECT_EQ(few.median(), 9);
  few.add(1);
  EXPECT_EQ(few.median(), 1);
}

}  // namespace
}  // namespace walsoak::stats
