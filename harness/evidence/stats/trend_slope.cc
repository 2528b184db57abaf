#include "harness/evidence/stats/trend_slope.h"

#include <algorithm>
#include <cmath>

namespace walsoak::stats {

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(values.begin(), middle)) / 2;
}

TheilSen::TheilSen(const std::vector<Point>& points) {
  slopes_.reserve(points.size() * (points.size() - 1) / 2);
  std::vector<double> ticks, values;
  for (std::size_t i = 0; i < points.size(); ++i) {
    ticks.push_back(points[i].tick);
    values.push_back(points[i].value);
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      slopes_.push_back((points[j].value - points[i].value) / (points[j].tick - points[i].tick));
    }
  }
  slope_ = median_of(slopes_);
  intercept_ = median_of(std::move(values)) - slope_ * median_of(std::move(ticks));
}

double TheilSen::ranked(double rank) {
  const auto last = static_cast<double>(slopes_.size() - 1);
  const auto at = slopes_.begin() + static_cast<std::ptrdiff_t>(std::clamp(rank, 0.0, last));
  std::nth_element(slopes_.begin(), at, slopes_.end());
  return *at;
}

SlopeInterval TheilSen::interval(double critical_s) {
  const auto pairs = static_cast<double>(slopes_.size());
  const double low = ranked(std::nearbyint((pairs - critical_s) / 2) - 1);
  return {low, ranked(std::nearbyint((pairs + critical_s) / 2))};
}

}  // namespace walsoak::stats
