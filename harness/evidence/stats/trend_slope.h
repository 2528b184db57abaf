// The Theil-Sen slope: the median of the slopes between every two points, and its interval.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/evidence/stats/trend_blocks.h"

namespace walsoak::stats {

// Of whatever the points' values are, per tick.
struct SlopeInterval {
  double low = 0, high = 0;
};

class TheilSen {
 public:
  // Two points or more with ticks that rise. Time and memory grow with the square of their number.
  explicit TheilSen(const std::vector<Point>& points);

  double slope() const { return slope_; }
  // Median of the values less slope times median of the ticks (Conover 1980; what SciPy calls "separate").
  double intercept() const { return intercept_; }

  // Of the N slopes between two points, those of rank (N - c) / 2 and (N + c) / 2 + 1 (Sen 1968; Gilbert
  // 1987, 16.5), where c is the critical value of Kendall's S. Ranks beyond the ends are held there.
  SlopeInterval interval(double critical_s);
  std::size_t pairs() const { return slopes_.size(); }

 private:
  double ranked(double rank);  // from 0

  std::vector<double> slopes_;  // in any order
  double slope_ = 0, intercept_ = 0;
};

double median_of(std::vector<double> values);  // the mean of the two in the middle of an even number

}  // namespace walsoak::stats
