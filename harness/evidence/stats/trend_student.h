// Tail probabilities and critical values of the normal distribution and of Student's t, by which trends are
// judged.
#pragma once

namespace walsoak::stats {

// Two-sided tail of the standard normal: P(|Z| >= |z|).
double normal_two_sided(double z);

// Two-sided tail of Student's t with `freedom` > 0 degrees, which need not be whole. By Boost.Math.
double student_two_sided(double t, double freedom);

// The t whose two-sided tail is `level` (0 to 1, both excluded). By Boost.Math.
double student_critical(double level, double freedom);

}  // namespace walsoak::stats
