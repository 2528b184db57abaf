#include "harness/evidence/stats/trend_student.h"

#include <boost/math/distributions/complement.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace walsoak::stats {

double normal_two_sided(double z) {
  return std::erfc(std::abs(z) / std::sqrt(2.0));
}

double student_two_sided(double t, double freedom) {
  const boost::math::students_t_distribution<double> student(freedom);
  return 2 * boost::math::cdf(boost::math::complement(student, std::abs(t)));
}

double student_critical(double level, double freedom) {
  const boost::math::students_t_distribution<double> student(freedom);
  return boost::math::quantile(boost::math::complement(student, level / 2));
}

}  // namespace walsoak::stats
