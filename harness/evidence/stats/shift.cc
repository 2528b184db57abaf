#include "harness/evidence/stats/shift.h"

#include <algorithm>
#include <cmath>

namespace walsoak::stats {
namespace {

constexpr std::size_t kMostExact = 50;

// In how many of all orders of m and n values U is 0, 1, ..., mn: the coefficients of the Gaussian binomial,
// the product over i of (1 - x^(n+i)) / (1 - x^i).
std::vector<double> orders_by_u(std::size_t m, std::size_t n) {
  std::vector<double> orders(m * n + 1, 0.0);
  orders[0] = 1;
  for (std::size_t i = 1; i <= m; ++i) {
    for (std::size_t u = orders.size() - 1; u >= n + i; --u) orders[u] -= orders[u - n - i];
    for (std::size_t u = i; u < orders.size(); ++u) orders[u] += orders[u - i];
  }
  return orders;
}

std::size_t exact_rank(std::size_t m, std::size_t n, double level) {
  const std::vector<double> orders = orders_by_u(m, n);
  double all = 0;
  for (const double count : orders) all += count;
  std::size_t rank = 0;
  double below = 0;
  while (rank < orders.size() && (below += orders[rank]) <= all * level / 2) ++rank;
  return rank;
}

// The z beyond which lies `level` on both sides together, by bisection: erfc has no inverse in the library.
double normal_quantile(double level) {
  double low = 0, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double z = (low + high) / 2;
    (std::erfc(z / std::sqrt(2.0)) > level ? low : high) = z;
  }
  return high;
}

double median_of_sorted(const std::vector<double>& values) {
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : values[half - 1] / 2 + values[half] / 2;
}

}  // namespace

std::size_t shift_rank(std::size_t m, std::size_t n, double level) {
  if (m == 0 || n == 0) return 0;
  if (m <= kMostExact && n <= kMostExact) return exact_rank(m, n, level);
  const double mean = static_cast<double>(m * n) / 2;
  const double deviation = std::sqrt(static_cast<double>(m * n) * static_cast<double>(m + n + 1) / 12);
  const double rank = mean - normal_quantile(level) * deviation;
  return rank < 1 ? 0 : static_cast<std::size_t>(rank);
}

std::optional<Shift> shift_of(const std::vector<double>& from, const std::vector<double>& to, double level) {
  const std::size_t rank = shift_rank(from.size(), to.size(), level);
  if (rank == 0) return std::nullopt;
  std::vector<double> differences;
  differences.reserve(from.size() * to.size());
  for (const double a : from) {
    for (const double b : to) differences.push_back(b - a);
  }
  std::sort(differences.begin(), differences.end());
  return Shift{median_of_sorted(differences), differences[rank - 1], differences[differences.size() - rank]};
}

}  // namespace walsoak::stats
