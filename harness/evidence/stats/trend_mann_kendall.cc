#include "harness/evidence/stats/trend_mann_kendall.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace walsoak::stats {
namespace {

// Ranks from 1, less their mean; equal values have the mean of their ranks.
std::vector<double> centred_ranks(const std::vector<Point>& points) {
  std::map<double, std::int64_t> groups;
  for (const Point& point : points) ++groups[point.value];
  std::map<double, double> rank_of;
  std::int64_t below = 0;
  for (const auto& [value, many] : groups) {
    rank_of[value] = static_cast<double>(below) + static_cast<double>(many + 1) / 2;
    below += many;
  }
  std::vector<double> ranks;
  const double mean = static_cast<double>(points.size() + 1) / 2;
  for (const Point& point : points) ranks.push_back(rank_of[point.value] - mean);
  return ranks;
}

// The sum that turns autocorrelations of ranks at lags 1, 2, ... into the factor of the variance.
template <typename AtLag>
double factor_of(std::int64_t n, AtLag at_lag) {
  const auto many = static_cast<double>(n);
  double sum = 0;
  for (std::int64_t lag = 1; lag < n; ++lag) {
    const auto left = static_cast<double>(n - lag);
    sum += left * (left - 1) * (left - 2) * at_lag(lag);
  }
  return std::max(1.0, 1 + 2 * sum / (many * (many - 1) * (many - 2)));
}

}  // namespace

MannKendall mann_kendall(const std::vector<Point>& points) {
  MannKendall result;
  result.n = static_cast<std::int64_t>(points.size());
  std::map<double, std::int64_t> groups;
  for (std::size_t i = 0; i < points.size(); ++i) {
    ++groups[points[i].value];
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      result.s += (points[j].value > points[i].value) - (points[j].value < points[i].value);
    }
  }
  const auto spread = [](std::int64_t n) { return static_cast<double>(n * (n - 1) * (2 * n + 5)) / 18; };
  const auto pairs = [](std::int64_t n) { return static_cast<double>(n * (n - 1)) / 2; };
  result.variance = spread(result.n);
  double tied = 0;
  for (const auto& [value, many] : groups) {
    result.variance -= spread(many);
    tied += pairs(many);
  }
  const double different = pairs(result.n) - tied;
  if (different > 0) result.tau = static_cast<double>(result.s) / std::sqrt(different * pairs(result.n));
  return result;
}

double exact_two_sided(std::int64_t s, std::int64_t n) {
  // Shares of the permutations of 1..n by their number of inversions, built up one value at a time.
  std::vector<double> share{1};
  for (std::int64_t k = 2; k <= n; ++k) {
    std::vector<double> next(share.size() + static_cast<std::size_t>(k) - 1, 0);
    for (std::size_t inversions = 0; inversions < share.size(); ++inversions) {
      for (std::int64_t more = 0; more < k; ++more) {
        next[inversions + static_cast<std::size_t>(more)] += share[inversions] / static_cast<double>(k);
      }
    }
    share = std::move(next);
  }
  double tail = 0;
  for (std::size_t inversions = 0; inversions < share.size(); ++inversions) {
    const std::int64_t its_s = n * (n - 1) / 2 - 2 * static_cast<std::int64_t>(inversions);
    if (std::abs(its_s) >= std::abs(s)) tail += share[inversions];
  }
  return std::min(1.0, tail);
}

std::vector<double> rank_autocorrelations(const std::vector<Point>& residuals) {
  const std::size_t n = residuals.size();
  std::vector<double> result(n < 2 ? 0 : n - 1, 0);
  const std::vector<double> ranks = centred_ranks(residuals);
  double square = 0;
  for (const double rank : ranks) square += rank * rank;
  if (square == 0) return result;
  std::vector<std::int64_t> found(result.size(), 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const auto lag = static_cast<std::size_t>(residuals[j].place - residuals[i].place);
      if (lag > result.size()) break;
      result[lag - 1] += ranks[i] * ranks[j];
      ++found[lag - 1];
    }
  }
  for (std::size_t lag = 1; lag < n; ++lag) {
    if (found[lag - 1] == 0) continue;
    result[lag - 1] *= static_cast<double>(n - lag) / static_cast<double>(found[lag - 1]) / square;
  }
  return result;
}

double hamed_rao_factor(const std::vector<double>& autocorrelations) {
  const auto n = static_cast<std::int64_t>(autocorrelations.size()) + 1;
  if (n < 3) return 1;
  const double significant = 1.959963985 / std::sqrt(static_cast<double>(n));
  return factor_of(n, [&](std::int64_t lag) {
    const double rho = autocorrelations[static_cast<std::size_t>(lag - 1)];
    return std::abs(rho) > significant ? rho : 0;
  });
}

double first_order_factor(double first, std::int64_t n) {
  if (n < 8) return static_cast<double>(n);
  const auto many = static_cast<double>(n);
  const double coefficient = std::clamp((many * first + 2) / (many - 4), 0.0, 0.995);
  return factor_of(n, [&](std::int64_t lag) { return std::pow(coefficient, static_cast<double>(lag)); });
}

double standardized(const MannKendall& test, double factor) {
  if (test.variance <= 0 || test.s == 0) return 0;
  const auto s = static_cast<double>(test.s);
  return (s - std::copysign(1.0, s)) / std::sqrt(test.variance * factor);
}

}  // namespace walsoak::stats
