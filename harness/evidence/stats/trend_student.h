// Tail probabilities and critical values of the two distributions that trends are judged by.
#pragma once

namespace walsoak::stats {

// Two-sided tail of the standard normal: P(|Z| >= |z|), by the complementary error function.
double normal_two_sided(double z);

// Two-sided tail of Student's t with `freedom` > 0 degrees, which need not be whole: I_x(freedom/2, 1/2) with
// x = freedom / (freedom + t^2) (Abramowitz & Stegun 1964, 26.7.1), the incomplete beta function by its
// continued fraction (26.5.8, evaluated as by Lentz 1976).
double student_two_sided(double t, double freedom);

// The t whose two-sided tail is `level` (0 to 1, both excluded), by bisection to 1e-10 relative.
double student_critical(double level, double freedom);

}  // namespace walsoak::stats
