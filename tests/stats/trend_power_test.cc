// How often a trend is claimed where there is one, and where there is none: 1,100 seeded pools.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "harness/evidence/stats/trend.h"
#include "tests/os/sanitized.h"
#include "tests/stats/trend_series.h"

namespace walsoak::stats {
namespace {

using testing::kCoefficients;
using testing::kDeviations;
using testing::pool_bins;

// Not the seeds by which the level was chosen (docs/trends.md): those are above 50,000.
Shape shape_of(int number, std::int64_t ticks, std::int64_t leak_every) {
  const double coefficient = kCoefficients[number % 4];
  const double deviation = kDeviations[number / 4 % 4];
  const std::uint64_t seed = static_cast<std::uint64_t>(number) + (leak_every > 0 ? 10000 : 0);
  return trend_of(pool_bins(ticks, coefficient, deviation, seed, leak_every), Side::troughs).shape;
}

TEST(TrendPowerTest, NoHealthyPoolOfAThousandIsCalledALeak) {
  WALSOAK_SKIP_STATISTICS_IF_SANITIZED();
  int alarms = 0;
  for (int number = 0; number < 1000; ++number) {
    const Shape shape = shape_of(number, 2000, 0);
    if (shape == Shape::leak || shape == Shape::drifting_saw_tooth) {
      ++alarms;
      ADD_FAILURE() << "series " << number << " is called a " << name_of(shape);
    }
  }
  EXPECT_EQ(alarms, 0);
}

TEST(TrendPowerTest, ALeakOfOneIn500TicksIsFoundIn5000) {
  int found = 0;
  for (int number = 0; number < 100; ++number) found += shape_of(number, 5000, 500) == Shape::leak ? 1 : 0;
  EXPECT_GE(found, 95);
}

}  // namespace
}  // namespace walsoak::stats
