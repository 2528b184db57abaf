// The parts of a trend against what SciPy says of the same series (tests/fixtures/trend).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/evidence/stats/trend_mann_kendall.h"
#include "harness/evidence/stats/trend_slope.h"
#include "harness/evidence/stats/trend_student.h"

namespace walsoak::stats {
namespace {

using nlohmann::json;

json trend_fixtures() {
  std::ifstream file(WALSOAK_FIXTURES "/trend/trend_fixtures.json");
  return json::parse(file);
}

std::vector<Point> points_of(const json& series) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < series["ticks"].size(); ++i) {
    points.push_back({static_cast<std::int64_t>(i), series["ticks"][i], series["values"][i]});
  }
  return points;
}

double tolerance(double value) {
  return 1e-9 * std::max(1.0, std::abs(value));
}

TEST(TrendScipyTest, TheilSenSlopeInterceptAndInterval) {
  const json fixtures = trend_fixtures();
  ASSERT_GE(fixtures["series"].size(), 8U);
  for (const json& series : fixtures["series"]) {
    SCOPED_TRACE(series["name"]);
    const std::vector<Point> points = points_of(series);
    TheilSen line(points);
    EXPECT_NEAR(line.slope(), series["slope"].get<double>(), 1e-12);
    EXPECT_NEAR(line.intercept(), series["intercept"].get<double>(), 1e-9);
    const SlopeInterval interval =
        line.interval(1.959963984540054 * std::sqrt(mann_kendall(points).variance));
    EXPECT_NEAR(interval.low, series["low_95"].get<double>(), 1e-12);
    EXPECT_NEAR(interval.high, series["high_95"].get<double>(), 1e-12);
  }
}

TEST(TrendScipyTest, KendallsSTauAndPWithTies) {
  int exact = 0;
  const json fixtures = trend_fixtures();
  for (const json& series : fixtures["series"]) {
    SCOPED_TRACE(series["name"]);
    const MannKendall test = mann_kendall(points_of(series));
    EXPECT_EQ(test.s, series["s"].get<std::int64_t>());
    EXPECT_NEAR(test.tau, series["tau"].get<double>(), 1e-12);
    const double z = static_cast<double>(test.s) / std::sqrt(test.variance);
    const double p = series["p_uncorrected"];
    EXPECT_NEAR(normal_two_sided(z), p, tolerance(p));
    if (series["p_exact"].is_null()) continue;
    ++exact;
    EXPECT_NEAR(exact_two_sided(test.s, test.n), series["p_exact"].get<double>(), 1e-12);
  }
  EXPECT_GE(exact, 2);
}

TEST(TrendScipyTest, RankAutocorrelationsAndTheFactorOfHamedAndRao) {
  const json fixtures = trend_fixtures();
  for (const json& series : fixtures["series"]) {
    SCOPED_TRACE(series["name"]);
    std::vector<Point> residuals = points_of(series);
    const TheilSen line(residuals);
    // Rounded: what is equal on paper ties.
    for (Point& point : residuals) {
      point.value = std::round((point.value - line.intercept() - line.slope() * point.tick) * 1e9) / 1e9;
    }
    const std::vector<double> alike = rank_autocorrelations(residuals);
    const json& expected = series["autocorrelations"];
    for (std::size_t lag = 0; lag < expected.size(); ++lag) {
      EXPECT_NEAR(alike[lag], expected[lag].get<double>(), 1e-9) << "lag " << lag + 1;
    }
    const double factor = series["hamed_rao_factor"];
    EXPECT_NEAR(hamed_rao_factor(alike), factor, tolerance(factor));
  }
}

TEST(TrendScipyTest, TailsOfStudentAndNormal) {
  const json fixtures = trend_fixtures();
  for (const json& row : fixtures["student"]) {
    const double p = row["two_sided"];
    EXPECT_NEAR(student_two_sided(row["t"], row["freedom"]) / p, 1, 1e-9) << row;
  }
  for (const json& row : fixtures["critical"]) {
    EXPECT_NEAR(student_critical(row["level"], row["freedom"]) / row["t"].get<double>(), 1, 1e-8) << row;
  }
  for (const json& row : fixtures["normal"]) {
    EXPECT_NEAR(normal_two_sided(row["z"]) / row["two_sided"].get<double>(), 1, 1e-9) << row;
  }
}

TEST(TrendScipyTest, APairThatAGapTearsApartSaysNothing) {
  // Neighbours alternate; where every second place is missing, lag 1 has no pair and lag 2 has all.
  std::vector<Point> whole, torn;
  for (std::int64_t place = 0; place < 40; ++place) {
    whole.push_back({place, static_cast<double>(place), place % 2 == 0 ? 1.0 : -1.0});
    if (place % 2 == 0) torn.push_back({place, static_cast<double>(place), place % 4 == 0 ? 1.0 : -1.0});
  }
  EXPECT_LT(rank_autocorrelations(whole)[0], -0.9);
  EXPECT_EQ(rank_autocorrelations(torn)[0], 0);
  EXPECT_LT(rank_autocorrelations(torn)[1], -0.8);
}

TEST(TrendScipyTest, FactorsOfOrderOneGrowWithTheCoefficientAndNeverFallBelowOne) {
  EXPECT_EQ(first_order_factor(-0.5, 100), 1);
  EXPECT_EQ(hamed_rao_factor({-0.9, 0.1, -0.9}), 1);
  const double some = first_order_factor(0.5, 100), much = first_order_factor(0.9, 100);
  EXPECT_GT(some, 2);
  EXPECT_GT(much, 2 * some);
  EXPECT_EQ(first_order_factor(0, 7), 7) << "so few tell nothing";
}

}  // namespace
}  // namespace walsoak::stats
