// Least-squares fits of the courses that a series can take besides a line: one step, a rise that ends or that
// begins late, a burst that returns. What tells a leak from growth that is over.
#pragma once

#include <cstddef>
#include <vector>

#include "harness/evidence/stats/trend_blocks.h"

namespace walsoak::stats {

// `squares`: the sum of squared residuals. `from` and `to`: the points at which the course changes (of a
// burst the first of it and the first after it; else `to` is the number of points). `height`: what the step,
// rise or burst comes to, in the values' unit.
struct Fit {
  double squares = 0;
  std::size_t from = 0, to = 0;
  double height = 0;
  double leverage = 0;  // the variance of `height` over that of one independent residual
  std::vector<Point> residuals;
};

// All need 8 points or more, take time with the square of their number at most, and leave at least 3 points
// on each side of a change.
Fit fit_line(const std::vector<Point>& points);
Fit fit_step(const std::vector<Point>& points);
Fit fit_rise_that_ends(const std::vector<Point>& points);
Fit fit_rise_that_begins(const std::vector<Point>& points);
Fit fit_burst(const std::vector<Point>& points);

// How many independent values the residuals are worth: n over first_order_factor.
double effective_number(const std::vector<Point>& residuals);

// The gain in Schwarz's criterion (BIC; Schwarz 1978) of `other` over `line`, which has one parameter less,
// on so many effective values; above 0 `other` is the better account. Half a descriptor of rounding either
// way (variance 1/12) is added to both, so that a fit without residuals does not win by that alone.
double gain_over(const Fit& line, const Fit& other);

// The two-sided p that a change of this height comes of nothing: Student's t of the height with the effective
// number of residuals, times the number of places where it could have stood (Bonferroni).
double chance_of(const Fit& fit);

}  // namespace walsoak::stats
