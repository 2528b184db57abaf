#include "harness/evidence/stats/trend_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "harness/evidence/stats/trend_mann_kendall.h"
#include "harness/evidence/stats/trend_student.h"

namespace walsoak::stats {
namespace {

constexpr std::size_t kLeastSide = 3;
constexpr double kRounding = 1.0 / 12;  // variance of what rounding to whole descriptors adds

// Sums over the first i points.
struct Sums {
  std::vector<double> value, square;

  explicit Sums(const std::vector<Point>& points) : value{0}, square{0} {
    for (const Point& point : points) {
      value.push_back(value.back() + point.value);
      square.push_back(square.back() + point.value * point.value);
    }
  }
  double mean(std::size_t from, std::size_t to) const {
    return (value[to] - value[from]) / static_cast<double>(to - from);
  }
  // Squared deviations from one mean of the points outside [from, to) and another of those inside.
  double squares(std::size_t from, std::size_t to) const {
    const std::size_t n = value.size() - 1;
    const double inside = value[to] - value[from], outside = value[n] - inside;
    return square[n] - inside * inside / static_cast<double>(to - from) -
           outside * outside / static_cast<double>(n - (to - from));
  }
};

// Two levels: inside [from, to) and outside.
void finish_levels(const std::vector<Point>& points, const Sums& sums, Fit& fit) {
  const double inside = sums.mean(fit.from, fit.to);
  const std::size_t n = points.size();
  const double outside = (sums.value[n] - (sums.value[fit.to] - sums.value[fit.from])) /
                         static_cast<double>(n - (fit.to - fit.from));
  fit.height = inside - outside;
  fit.leverage =
      1 / static_cast<double>(fit.to - fit.from) + 1 / static_cast<double>(n - (fit.to - fit.from));
  fit.residuals = points;
  for (std::size_t i = 0; i < n; ++i) {
    fit.residuals[i].value -= i >= fit.from && i < fit.to ? inside : outside;
  }
}

// The line through the values over `at`, which has one place for each point.
Fit fit_over(const std::vector<Point>& points, const std::vector<double>& at) {
  const auto n = static_cast<double>(points.size());
  double x = 0, y = 0;
  for (std::size_t i = 0; i < points.size(); ++i) x += at[i] / n, y += points[i].value / n;
  double xx = 0, xy = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    xx += (at[i] - x) * (at[i] - x);
    xy += (at[i] - x) * (points[i].value - y);
  }
  Fit fit;
  fit.to = points.size();
  const double slope = xx > 0 ? xy / xx : 0;
  const double run = at.back() - at.front();
  fit.height = slope * run;
  fit.leverage = xx > 0 ? run * run / xx : 0;
  fit.residuals = points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    fit.residuals[i].value -= y + slope * (at[i] - x);
    fit.squares += fit.residuals[i].value * fit.residuals[i].value;
  }
  return fit;
}

// The fit over course(tick, change) at the change that leaves the least.
template <typename Course>
Fit best_over(const std::vector<Point>& points, Course course) {
  const auto n = static_cast<double>(points.size());
  double y = 0;
  for (const Point& point : points) y += point.value / n;
  // What is left is yy less xy^2 / xx, and yy is the same for all.
  std::size_t best = kLeastSide;
  double explained = -1;
  for (std::size_t change = kLeastSide; change + kLeastSide <= points.size(); ++change) {
    double x = 0, xx = 0, xy = 0;
    for (const Point& point : points) {
      const double at = course(point.tick, points[change].tick) - points[change].tick;
      x += at;
      xx += at * at;
      xy += at * (point.value - y);
    }
    xx -= x * x / n;
    if (xx <= 0 || xy * xy / xx <= explained) continue;
    explained = xy * xy / xx;
    best = change;
  }
  std::vector<double> at;
  for (const Point& point : points) at.push_back(course(point.tick, points[best].tick));
  Fit fit = fit_over(points, at);
  fit.from = best;
  return fit;
}

}  // namespace

Fit fit_line(const std::vector<Point>& points) {
  std::vector<double> at;
  for (const Point& point : points) at.push_back(point.tick);
  return fit_over(points, at);
}

Fit fit_rise_that_ends(const std::vector<Point>& points) {
  return best_over(points, [](double tick, double change) { return std::min(tick, change); });
}

Fit fit_rise_that_begins(const std::vector<Point>& points) {
  return best_over(points, [](double tick, double change) { return std::max(tick, change); });
}

Fit fit_step(const std::vector<Point>& points) {
  const Sums sums(points);
  Fit best;
  best.squares = std::numeric_limits<double>::infinity();
  best.to = points.size();
  for (std::size_t change = kLeastSide; change + kLeastSide <= points.size(); ++change) {
    const double squares = sums.squares(change, points.size());
    if (squares < best.squares) best.squares = squares, best.from = change;
  }
  finish_levels(points, sums, best);
  return best;
}

Fit fit_burst(const std::vector<Point>& points) {
  const Sums sums(points);
  Fit best;
  best.squares = std::numeric_limits<double>::infinity();
  for (std::size_t from = kLeastSide; from < points.size(); ++from) {
    for (std::size_t to = from + 1; to + kLeastSide <= points.size(); ++to) {
      const double squares = sums.squares(from, to);
      if (squares < best.squares) best.squares = squares, best.from = from, best.to = to;
    }
  }
  finish_levels(points, sums, best);
  return best;
}

double effective_number(const std::vector<Point>& residuals) {
  const auto n = static_cast<std::int64_t>(residuals.size());
  const std::vector<double> alike = rank_autocorrelations(residuals);
  return static_cast<double>(n) / first_order_factor(alike.empty() ? 0 : alike.front(), n);
}

double gain_over(const Fit& line, const Fit& other) {
  const double rounding = kRounding * static_cast<double>(line.residuals.size());
  const double n = effective_number(line.residuals);
  return n * std::log((line.squares + rounding) / (other.squares + rounding)) - 2 * std::log(n);
}

double chance_of(const Fit& fit) {
  const auto n = static_cast<double>(fit.residuals.size());
  const double effective = effective_number(fit.residuals);
  if (effective <= 3) return 1;
  const double variance = std::max(0.0, fit.squares) / n + kRounding;
  const double of_height = variance * fit.leverage * n / effective;
  const bool burst = fit.to != fit.residuals.size();
  const double places = burst ? effective * effective / 2 : effective;
  return std::min(1.0, places * student_two_sided(fit.height / std::sqrt(of_height), effective - 2));
}

}  // namespace walsoak::stats
