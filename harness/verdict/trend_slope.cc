#include "harness/verdict/trend_slope.h"

#include <algorithm>
#include <cmath>

namespace walsoak::verdict {

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
  std::sort(slopes_.begin(), slopes_.end());
  const std::size_t half = slopes_.size() / 2;
  slope_ = slopes_.size() % 2 == 1 ? slopes_[half] : (slopes_[half - 1] + slopes_[half]) / 2;
  intercept_ = median_of(std::move(values)) - slope_ * median_of(std::move(ticks));
}

SlopeInterval TheilSen::interval(double critical_s) const {
  const auto pairs = static_cast<double>(slopes_.size());
  const double low = std::nearbyint((pairs - critical_s) / 2) - 1;
  const double high = std::nearbyint((pairs + critical_s) / 2);
  const auto at = [&](double rank) {
    return slopes_[static_cast<std::size_t>(std::clamp(rank, 0.0, pairs - 1))];
  };
  return {at(low), at(high)};
}

}  // namespace walsoak::verdict
