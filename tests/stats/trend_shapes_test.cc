// What is said of series whose course is known.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>

#include "harness/evidence/stats/trend.h"
#include "tests/stats/trend_series.h"

namespace walsoak::stats {
namespace {

using testing::bins_of;
using ::testing::HasSubstr;
using testing::Pool;

using Course = std::function<Count(std::int64_t)>;

struct TrendCase {
  const char* name;
  std::int64_t ticks;
  Course at;
  Shape shape;
  const char* reason;  // part of it

  friend void PrintTo(const TrendCase& c, std::ostream* out) { *out << c.name; }
};

// Values of a course with those of a pool on top.
Course with_pool(double coefficient, double deviation, std::uint64_t seed, const Course& course) {
  return [course, pool = Pool(coefficient, deviation, seed)](std::int64_t tick) mutable -> Count {
    const Count base = course(tick);
    const std::int64_t in_use = pool.next();
    return base ? Count(*base + in_use) : std::nullopt;
  };
}
Course flat(std::int64_t value) {
  return [value](std::int64_t) { return Count(value); };
}
Course leak(std::int64_t every) {
  return [every](std::int64_t tick) { return Count(10 + tick / every); };
}
Course step(std::int64_t at, std::int64_t height) {
  return [=](std::int64_t tick) { return Count(tick < at ? 10 : 10 + height); };
}
Course burst(std::int64_t from, std::int64_t to, std::int64_t height) {
  return [=](std::int64_t tick) { return Count(tick >= from && tick < to ? 10 + height : 10); };
}
Course rise_until(std::int64_t end, std::int64_t every) {
  return [=](std::int64_t tick) { return Count(10 + std::min(tick, end) / every); };
}
Course rise_from(std::int64_t begin, std::int64_t every) {
  return [=](std::int64_t tick) { return Count(10 + std::max<std::int64_t>(0, tick - begin) / every); };
}
Course teeth(std::int64_t period, std::int64_t per_tooth) {
  return
      [=](std::int64_t tick) { return Count(10 + tick % period * 12 / period + tick / period * per_tooth); };
}
Course without(const Course& course, const std::function<bool(std::int64_t)>& missing) {
  return [=](std::int64_t tick) { return missing(tick) ? std::nullopt : course(tick); };
}

const TrendCase kCases[] = {
    {"never_changes", 2000, flat(12), Shape::flat, "no trend"},
    {"one_value_of_zero", 300, flat(0), Shape::flat, "no trend"},
    {"flat_under_white_noise", 2000, with_pool(0, 2, 1, flat(0)), Shape::flat, "no trend"},
    {"flat_under_strong_white_noise", 2000, with_pool(0, 4, 2, flat(0)), Shape::flat, "no trend"},
    {"flat_under_noise_that_forgets", 2000, with_pool(0.9, 3, 3, flat(0)), Shape::flat, "no trend"},
    {"flat_under_noise_that_wanders", 2000, with_pool(0.98, 2, 4, flat(0)), Shape::flat, "no trend"},
    {"flat_over_few_ticks", 60, with_pool(0.5, 2, 5, flat(0)), Shape::flat, "no trend"},
    {"flat_over_many_ticks", 50000, with_pool(0.98, 3, 6, flat(0)), Shape::flat, "no trend"},
    {"every_other_sample_busy", 2000, [](std::int64_t t) { return Count(3 + t % 2 * 4); }, Shape::flat,
     "no trend"},
    {"falls", 2000, with_pool(0.5, 1, 7, [](std::int64_t t) { return Count(40 - t / 100); }), Shape::flat,
     "it falls"},
    {"one_descriptor_more_is_no_trend", 2000, step(1000, 1), Shape::step, "a step of 1.0"},

    {"one_step", 2000, step(800, 12), Shape::step, "a step of 12.0 at tick 8"},
    {"one_step_early", 2000, step(200, 12), Shape::step, "a step of 12.0"},
    {"one_step_under_noise", 2000, with_pool(0.5, 2, 8, step(900, 15)), Shape::step, "a step of"},
    {"one_step_under_noise_that_forgets", 2000, with_pool(0.9, 1, 9, step(1100, 12)), Shape::step,
     "a step of"},
    {"a_late_step", 2000, with_pool(0, 1, 10, step(1800, 12)), Shape::unknown, "too late in the run"},
    {"warm_up_only", 2000, rise_until(300, 20), Shape::step, ""},
    {"warm_up_only_under_noise", 2000, with_pool(0.5, 1, 11, rise_until(400, 20)), Shape::step, ""},
    {"threads_until_the_pool_is_full", 2000, with_pool(0, 1, 12, rise_until(1000, 40)), Shape::step,
     "flat since"},

    {"burst_that_returns", 2000, burst(600, 1000, 20), Shape::burst, "20.0 higher from tick 6"},
    {"burst_under_noise", 2000, with_pool(0.5, 2, 13, burst(900, 1200, 20)), Shape::burst, "and back"},
    {"burst_within_one_block", 2000, with_pool(0, 1, 14, burst(1001, 1006, 60)), Shape::burst, "peaks"},
    {"late_burst_that_returns", 2000, with_pool(0, 1, 15, burst(1500, 1700, 30)), Shape::burst, "and back"},

    {"slow_leak", 5000, leak(500), Shape::leak, "per million ticks"},
    {"slow_leak_under_white_noise", 5000, with_pool(0, 2, 16, leak(500)), Shape::leak, "per million ticks"},
    {"slow_leak_under_noise_that_forgets", 5000, with_pool(0.9, 2, 17, leak(500)), Shape::leak,
     "per million ticks"},
    {"slow_leak_under_noise_that_wanders", 5000, with_pool(0.98, 1, 18, leak(500)), Shape::leak,
     "per million ticks"},
    {"fast_leak", 200, leak(2), Shape::leak, "500000 per million ticks"},
    {"leak_every_tick_in_few", 30, [](std::int64_t t) { return Count(2 * t); }, Shape::leak,
     "2000000 per million ticks"},
    {"leak_that_begins_half_way", 4000, with_pool(0, 1, 19, rise_from(2000, 50)), Shape::leak, "grew by"},
    {"leak_that_begins_late", 4000, with_pool(0, 1, 20, rise_from(3500, 10)), Shape::unknown,
     "too late in the run"},
    {"leak_over_a_day", 86400, with_pool(0.98, 3, 21, leak(3000)), Shape::leak, "per million ticks"},

    {"saw_tooth", 2000, teeth(200, 0), Shape::saw_tooth, "troughs flat"},
    {"long_saw_tooth", 2000, teeth(500, 0), Shape::saw_tooth, "troughs flat"},
    {"drifting_saw_tooth", 2000, teeth(200, 1), Shape::drifting_saw_tooth, "troughs drift"},
    {"saw_tooth_within_a_block", 5000, teeth(7, 0), Shape::flat, "no trend"},
    {"drifting_saw_tooth_within_a_block", 5000, [](std::int64_t t) { return Count(10 + t % 7 + t / 300); },
     Shape::leak, "per million ticks"},

    {"no_samples", 0, flat(1), Shape::unknown, "too short: a trend needs 20 points, there are 0"},
    {"too_short", 12, leak(1), Shape::unknown, "too short: a trend needs 20 points, there are 12"},
    {"nothing_known", 500, without(flat(3), [](std::int64_t) { return true; }), Shape::unknown,
     "samples are missing"},
    {"a_third_known", 120, without(leak(1), [](std::int64_t t) { return t % 3 != 0; }), Shape::unknown,
     "samples are missing"},
    {"every_fifth_sample_missing", 5000,
     without(with_pool(0.5, 1, 22, leak(500)), [](std::int64_t t) { return t % 5 == 0; }), Shape::leak,
     "per million ticks"},
    {"an_hour_missing_from_a_leak", 5000,
     without(with_pool(0.5, 1, 23, leak(500)), [](std::int64_t t) { return t > 2000 && t < 2900; }),
     Shape::leak, "per million ticks"},
    {"an_hour_missing_from_a_flat_pool", 5000,
     without(with_pool(0.9, 2, 24, flat(0)), [](std::int64_t t) { return t > 2000 && t < 2900; }),
     Shape::flat, "no trend"},
};

class TrendShapesTest : public ::testing::TestWithParam<TrendCase> {};

TEST_P(TrendShapesTest, IsNamedWithItsReason) {
  const TrendCase& c = GetParam();
  const Trend trend = trend_of(bins_of(c.ticks, c.at), Side::troughs);
  EXPECT_STREQ(name_of(trend.shape), name_of(c.shape)) << trend.reason;
  EXPECT_THAT(trend.reason, HasSubstr(c.reason));
}

INSTANTIATE_TEST_SUITE_P(Courses, TrendShapesTest, ::testing::ValuesIn(kCases),
                         [](const auto& course) { return std::string(course.param.name); });

TEST(TrendTest, ASlopeStandsInItsIntervalAndBothHoldTheLeak) {
  const Trend trend = trend_of(testing::pool_bins(5000, 0.9, 2, 31, 500), Side::troughs);
  ASSERT_EQ(trend.shape, Shape::leak);
  EXPECT_LE(trend.low, 0.002);
  EXPECT_GE(trend.high, 0.002);
  EXPECT_GT(trend.low, 0);
  EXPECT_LT(trend.p, kTrendLevel);
  EXPECT_GT(trend.growth, 5);
  EXPECT_LT(trend.growth, 15);
  EXPECT_GT(trend.tau, 0.4);
  EXPECT_LT(trend.effective_n, static_cast<double>(trend.points));
}

TEST(TrendTest, TheLastQuarterStandsApart) {
  const Trend trend = trend_of(bins_of(2000, rise_until(1000, 10)), Side::troughs);
  EXPECT_EQ(trend.last_quarter_slope, 0);
  EXPECT_GT(trend.slope, 0);
}

TEST(TrendTest, WhatCanBeDetectedGetsFinerWithLengthAndCoarserWithNoise) {
  const auto least = [](std::int64_t ticks, double coefficient, double deviation) {
    return trend_of(testing::pool_bins(ticks, coefficient, deviation, 32), Side::troughs)
        .min_detectable_slope.value();
  };
  EXPECT_LT(least(20000, 0.9, 3), least(2000, 0.9, 3) / 2);
  EXPECT_GT(least(4000, 0.98, 3), least(4000, 0, 3));
  EXPECT_GE(least(2000, 0, 1), 1.0 / 2000) << "never finer than one descriptor over the run";
}

TEST(TrendTest, WithoutNoiseWhatCanBeDetectedIsOneDescriptor) {
  const Trend trend = trend_of(bins_of(1001, flat(7)), Side::troughs);
  EXPECT_DOUBLE_EQ(trend.min_detectable_slope.value(), 1.0 / 1000);
  EXPECT_EQ(trend.low, 0);
  EXPECT_EQ(trend.high, 0);
  EXPECT_EQ(trend.p, 1);
}

TEST(TrendTest, PeaksAreJudgedBySide) {
  // What is held stays; what is in use at once grows.
  const Bins bins =
      bins_of(2000, [](std::int64_t tick) { return Count(tick % 2 == 0 ? 5 : 10 + tick / 40); });
  EXPECT_EQ(trend_of(bins, Side::troughs).shape, Shape::flat);
  EXPECT_EQ(trend_of(bins, Side::peaks).shape, Shape::leak);
}

TEST(TrendTest, ASlopeFinerThanTheLevelAllowsIsNotClaimed) {
  const Bins bins = testing::pool_bins(2000, 0.98, 2, 33, 1500);
  const Trend trend = trend_of(bins, Side::troughs);
  EXPECT_FALSE(trend.grows());
  EXPECT_GT(trend.min_detectable_slope.value(), 1.0 / 1500);
}

}  // namespace
}  // namespace walsoak::stats
