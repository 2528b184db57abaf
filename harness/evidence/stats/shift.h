// How much one sample lies above another, with an interval that supposes nothing of their distribution but
// that they are shifted: the estimate of Hodges and Lehmann (1963), the median of all differences between a
// value of one and a value of the other, and the interval that belongs to the exact test of Mann and Whitney.
//
// With m and n values and all m n differences in order, D(1) <= ... <= D(mn), it reaches from D(k) to
// D(mn + 1 - k), k the greatest for which P(U <= k - 1) <= level / 2 (Hollander & Wolfe, Nonparametric
// Statistical Methods, 1999, section 4.3). Ties only make it wider. Nothing is drawn by chance. Pure
// functions.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace walsoak::stats {

struct Shift {
  double estimate = 0;
  double low = 0, high = 0;
};

// Of `to` against `from`; the interval misses the shift in at most `level` of all cases. Nothing where so few
// values have no such interval.
std::optional<Shift> shift_of(const std::vector<double>& from, const std::vector<double>& to, double level);

// The k above, 0 where there is none. Beyond 50 values in either sample U is taken for normal.
std::size_t shift_rank(std::size_t m, std::size_t n, double level);

}  // namespace walsoak::stats
