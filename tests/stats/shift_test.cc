// The shift between two samples and its interval, against SciPy (tests/fixtures/shift) and on small cases.
#include "harness/evidence/stats/shift.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

namespace walsoak::stats {
namespace {

using nlohmann::json;

json shift_fixtures() {
  std::ifstream file(WALSOAK_FIXTURES "/shift/shift_fixtures.json");
  return json::parse(file);
}

TEST(ShiftTest, TheIntervalHoldsTheShiftsThatTheExactTestKeeps) {
  const json fixtures = shift_fixtures();
  ASSERT_GE(fixtures["pairs"].size(), 7U);
  int known = 0;
  for (const json& pair : fixtures["pairs"]) {
    SCOPED_TRACE(pair["name"]);
    const auto shift = shift_of(pair["from"], pair["to"], pair["level"]);
    ASSERT_EQ(shift.has_value(), !pair["low"].is_null());
    if (!shift) continue;
    ++known;
    const double tolerance = 1e-9 * std::max(1.0, std::abs(pair["high"].get<double>()));
    EXPECT_NEAR(shift->estimate, pair["estimate"].get<double>(), tolerance);
    EXPECT_NEAR(shift->low, pair["low"].get<double>(), tolerance);
    EXPECT_NEAR(shift->high, pair["high"].get<double>(), tolerance);
  }
  EXPECT_GE(known, 5);
}

TEST(ShiftTest, TheRankIsThatOfTheExactDistribution) {
  const json fixtures = shift_fixtures();
  for (const json& one : fixtures["ranks"]) {
    EXPECT_EQ(shift_rank(one["m"], one["n"], one["level"]), one["rank"].get<std::size_t>()) << one;
  }
}

TEST(ShiftTest, FiveOnEachSideAreTheLeastAtOnePercent) {
  EXPECT_FALSE(shift_of({1, 2, 3, 4}, {11, 12, 13, 14}, 0.01));
  ASSERT_TRUE(shift_of({1, 2, 3, 4, 5}, {11, 12, 13, 14, 15}, 0.01));
  EXPECT_FALSE(shift_of({}, {1, 2, 3, 4, 5}, 0.01));
}

TEST(ShiftTest, EqualValuesHaveNoWidth) {
  const auto shift = shift_of({7, 7, 7, 7, 7}, {7, 7, 7, 7, 7}, 0.01);
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->low, 0);
  EXPECT_EQ(shift->high, 0);
}

TEST(ShiftTest, BeyondFiftyTheNormalApproximationTakesOver) {
  const std::size_t exact = shift_rank(50, 50, 0.01);
  const std::size_t normal = shift_rank(50, 51, 0.01);
  EXPECT_NEAR(static_cast<double>(normal), static_cast<double>(exact), 0.05 * static_cast<double>(exact));
}

}  // namespace
}  // namespace walsoak::stats
