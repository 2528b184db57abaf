// The Mann-Kendall test for a monotonic trend, with its variance corrected for neighbours that are alike.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/evidence/stats/trend_blocks.h"

namespace walsoak::stats {

// Kendall's S of values in order of time, its variance with ties counted (Kendall 1975, 4.9), and tau-b.
struct MannKendall {
  std::int64_t n = 0;
  std::int64_t s = 0;
  double variance = 0;  // 0 where all values are the same
  double tau = 0;
};
MannKendall mann_kendall(const std::vector<Point>& points);

// P(|S| >= |s|) of n independent values without ties, from the count of permutations by inversions (Kendall
// 1975, 5). For a few values, where the normal distribution is no approximation.
double exact_two_sided(std::int64_t s, std::int64_t n);

// Rank autocorrelations of `residuals` at lags 1 to n - 1; a pair that a gap tears apart is left out, and the
// mean of the others stands for it. All 0 where all residuals are the same.
std::vector<double> rank_autocorrelations(const std::vector<Point>& residuals);

// By how much the variance of S grows, n / n*: 1 + 2 / (n (n-1) (n-2)) * sum (n-k) (n-k-1) (n-k-2) rho(k)
// (Hamed & Rao 1998, eq. 17), over the lags whose rank autocorrelation is significant at 5 %. Never below 1:
// neighbours that alternate do not make a trend easier to claim.
double hamed_rao_factor(const std::vector<double>& autocorrelations);

// The same factor where the autocorrelation at lag k is the k-th power of the one at lag 1 (an AR(1)
// process). The coefficient is `first`, the lag-1 autocorrelation of n residuals about a fitted line, freed
// of its bias: (n first + 2) / (n - 4) (Marriott & Pope 1954; Kendall 1954; as in van Giersbergen 2005 for a
// linear trend), held between 0 and 0.995. Of fewer than 8 values n itself: they tell nothing.
double first_order_factor(double first, std::int64_t n);

// S less 1 towards 0, over its standard deviation (the continuity correction of Kendall 1975); 0 without one.
double standardized(const MannKendall& test, double factor);

}  // namespace walsoak::stats
