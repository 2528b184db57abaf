#include "harness/evidence/stats/trend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/evidence/stats/trend_fit.h"
#include "harness/evidence/stats/trend_mann_kendall.h"
#include "harness/evidence/stats/trend_slope.h"
#include "harness/evidence/stats/trend_student.h"
#include "harness/evidence/stats/trend_teeth.h"

namespace walsoak::stats {
namespace {

constexpr double kOneDescriptor = 1;
constexpr double kPerMillion = 1e6;
// What begins or ends after this share of the run is too young to be called anything.
constexpr double kYoung = 0.75;
constexpr const char* kTooLate = ", too late in the run to tell whether it goes on";
constexpr double kLeastFreedom = 1;
// Below this many teeth no course of their troughs is significant at a level of 0.002: 2 / 7! is.
constexpr std::size_t kLeastTroughs = 7;

Trend& as(Trend& trend, Shape shape, std::string reason) {
  trend.shape = shape;
  trend.reason = std::move(reason);
  return trend;
}

std::string rate(const Trend& trend) {
  return fmt::format("{:.0f} per million ticks ({:.0f} to {:.0f}), p {:.2g}, {:.0f} independent of {} points",
                     trend.slope * kPerMillion, trend.low * kPerMillion, trend.high * kPerMillion, trend.p,
                     trend.effective_n, trend.points);
}

void measure(const Blocks& blocks, double level, Trend& trend) {
  const std::vector<Point>& points = blocks.points;
  TheilSen line(points);
  const MannKendall test = mann_kendall(points);
  const auto ticks = static_cast<double>(blocks.ticks);
  trend.measured = true;
  trend.slope = line.slope();
  trend.growth = trend.slope * ticks;
  trend.tau = test.tau;

  std::vector<Point> residuals = points;
  for (Point& point : residuals) point.value -= line.intercept() + line.slope() * point.tick;
  const std::vector<double> alike = rank_autocorrelations(residuals);
  trend.p = normal_two_sided(standardized(test, hamed_rao_factor(alike)));

  const double factor = first_order_factor(alike.front(), test.n);
  trend.effective_n = static_cast<double>(test.n) / factor;
  const double freedom = trend.effective_n - 2;
  if (freedom < kLeastFreedom) {
    const SlopeInterval all = line.interval(static_cast<double>(line.pairs()));
    trend.low = all.low;
    trend.high = all.high;
  } else {
    const double critical = student_critical(level, freedom);
    const double critical_s = critical * std::sqrt(test.variance * factor);
    const SlopeInterval interval = line.interval(critical_s);
    trend.low = interval.low;
    trend.high = interval.high;
    // The interval holds the slopes that S, of what is left without them, does not reject. Whole descriptors
    // tie, and the ranks of Sen's interval count ties against a slope: S itself says whether 0 is among them.
    trend.zero_excluded = std::abs(static_cast<double>(test.s)) > critical_s;
    // Seen in 19 of 20 runs: as far from 0 as the interval is wide on one side, and 5 % of t beyond it.
    const double one_in_twenty = student_critical(0.10, freedom);
    if (critical_s < static_cast<double>(line.pairs())) {
      trend.min_detectable_slope = std::max((trend.high - trend.low) / 2 * (1 + one_in_twenty / critical),
                                            ticks > 0 ? kOneDescriptor / ticks : kOneDescriptor);
    }
  }

  const double begins = points.back().tick - ticks / 4;
  std::vector<Point> quarter;
  std::copy_if(points.begin(), points.end(), std::back_inserter(quarter),
               [begins](const Point& point) { return point.tick >= begins; });
  if (quarter.size() >= 2) trend.last_quarter_slope = TheilSen(quarter).slope();
}

bool rises(std::vector<Point>::const_iterator begin, std::vector<Point>::const_iterator end) {
  return TheilSen({begin, end}).slope() > 0;
}

// Something stands out, but only more ticks can tell what it is.
void undecided(Trend& trend, std::string reason) {
  trend.undecided = true;
  as(trend, Shape::unknown, std::move(reason));
}

bool claimed(const Trend& trend, double level) {
  return trend.p < level && trend.zero_excluded && std::abs(trend.growth) > kOneDescriptor;
}

// A rise all along: a leak, if each half by itself shows it. A wandering pool that is higher at the end than
// at the beginning seldom rises twice.
void name_steady_rise(const std::vector<Point>& points, const std::string& what, Trend& trend) {
  const auto half = points.begin() + static_cast<std::ptrdiff_t>(points.size() / 2);
  const bool first = rises(points.begin(), half), last = rises(half, points.end());
  if (first && last) {
    as(trend, Shape::leak, what);
  } else {
    undecided(trend, fmt::format("{}; the {} half alone does not rise: more ticks would tell", what,
                                 first ? "last" : "first"));
  }
}

bool young(const std::vector<Point>& points, const Fit& fit) {
  return points[fit.from].tick > points.front().tick + kYoung * (points.back().tick - points.front().tick);
}

void name_step(const std::vector<Point>& points, const Fit& step, Trend& trend) {
  const std::string what =
      fmt::format("a step of {:.1f} at tick {:.0f}", step.height, points[step.from].tick);
  if (young(points, step)) {
    undecided(trend, what + kTooLate);
  } else {
    as(trend, Shape::step, what + ", flat before and after");
  }
}

void name_end(const std::vector<Point>& points, const Fit& ends, Trend& trend) {
  as(trend, Shape::step,
     fmt::format("grew by {:.1f} until tick {:.0f}, flat since", ends.height, points[ends.from].tick));
}

// Growth that began during the run is a leak if what came after the beginning is a trend by itself.
void name_begin(const Blocks& blocks, const Fit& begins, double level, Trend& trend) {
  const std::vector<Point>& points = blocks.points;
  const std::string what =
      fmt::format("grew by {:.1f} from tick {:.0f} on", begins.height, points[begins.from].tick);
  Blocks since;
  since.points.assign(points.begin() + static_cast<std::ptrdiff_t>(begins.from), points.end());
  since.ticks = std::llround(points.back().tick - points[begins.from].tick);
  if (young(points, begins) || since.points.size() < kLeastPoints) return undecided(trend, what + kTooLate);
  Trend after;
  after.points = since.points.size();
  measure(since, level, after);
  if (!claimed(after, level)) return undecided(trend, what + ": more ticks would tell; " + rate(after));
  name_steady_rise(since.points, what + ", at " + rate(after), trend);
}

// A rise that is beyond doubt: which course accounts best for it.
void name_rise(const Blocks& blocks, double level, Trend& trend) {
  const std::vector<Point>& points = blocks.points;
  const Fit line = fit_line(points);
  const Fit step = fit_step(points), ends = fit_rise_that_ends(points), begins = fit_rise_that_begins(points);
  const double by_step = gain_over(line, step), by_end = gain_over(line, ends),
               by_begin = gain_over(line, begins);
  const double best = std::max({by_step, by_end, by_begin});
  if (best > 0 && best == by_step) return name_step(points, step, trend);
  if (best > 0 && best == by_begin) return name_begin(blocks, begins, level, trend);
  if (best > 0 && !young(points, ends)) return name_end(points, ends, trend);
  name_steady_rise(points, rate(trend), trend);
}

// Whether a change stands out of a series that has no trend as a whole. Of those that do, the one that leaves
// the least.
bool name_change(const Blocks& blocks, const Bins& bins, Side side, double level, Trend& trend) {
  const std::vector<Point>& points = blocks.points;
  const auto stands_out = [level](const Fit& fit) {
    return fit.height >= kOneDescriptor && chance_of(fit) < level;
  };
  const auto name_burst = [&](const std::vector<Point>& of, const Fit& fit, const char* what) {
    as(trend, Shape::burst,
       fmt::format("{} {:.1f} higher from tick {:.0f} to {:.0f}, and back", what, fit.height,
                   of[fit.from].tick, of[fit.to - 1].tick));
  };
  const Fit step = fit_step(points), ends = fit_rise_that_ends(points), begins = fit_rise_that_begins(points),
            burst = fit_burst(points);
  const Fit* best = nullptr;
  for (const Fit* fit : {&step, &ends, &begins, &burst}) {
    if (stands_out(*fit) && (!best || fit->squares < best->squares)) best = fit;
  }
  if (best == &step) return name_step(points, step, trend), true;
  if (best == &ends) return name_end(points, ends, trend), true;
  if (best == &begins) return name_begin(blocks, begins, level, trend), true;
  if (best == &burst) return name_burst(points, burst, side == Side::troughs ? "troughs" : "peaks"), true;
  if (side == Side::peaks) return false;
  // A burst that is shorter than a block shows in its peak alone.
  const std::vector<Point> peaks = blocks_of(bins, Side::peaks).points;
  if (peaks.size() < kLeastPoints) return false;
  const Fit above = fit_burst(peaks);
  if (!stands_out(above)) return false;
  name_burst(peaks, above, "peaks");
  return true;
}

void name_teeth(const Teeth& teeth, double level, Trend& trend) {
  const std::vector<Point>& troughs = teeth.troughs;
  const std::string what = fmt::format("{} falls of about {:.0f}", troughs.size(), teeth.height);
  const MannKendall test = mann_kendall(troughs);
  const double drift = TheilSen(troughs).slope();
  const double growth = drift * (troughs.back().tick - troughs.front().tick);
  if (test.s <= 0 || growth <= kOneDescriptor) {
    as(trend, Shape::saw_tooth, what + ", troughs flat");
  } else if (troughs.size() < kLeastTroughs) {
    as(trend, Shape::saw_tooth,
       fmt::format("{}, troughs {:.1f} higher, of too few teeth to tell ({} would)", what, growth,
                   kLeastTroughs));
  } else {
    const bool few = troughs.size() < kLeastPoints;
    const double p = few ? exact_two_sided(test.s, test.n) : normal_two_sided(standardized(test, 1));
    if (p < level) trend.slope = drift, trend.growth = growth, trend.p = p, trend.tau = test.tau;
    as(trend, p < level ? Shape::drifting_saw_tooth : Shape::saw_tooth,
       fmt::format("{}, troughs {} by {:.1f}, p {:.2g}", what, p < level ? "drift" : "differ", growth, p));
  }
}

bool never_falls(const std::vector<Point>& points) {
  return std::is_sorted(points.begin(), points.end(),
                        [](const Point& a, const Point& b) { return a.value < b.value; });
}

}  // namespace

const char* name_of(Shape shape) {
  switch (shape) {
    case Shape::flat:
      return "flat";
    case Shape::leak:
      return "leak";
    case Shape::step:
      return "step";
    case Shape::burst:
      return "burst";
    case Shape::saw_tooth:
      return "saw-tooth";
    case Shape::drifting_saw_tooth:
      return "drifting saw-tooth";
    case Shape::unknown:
      break;
  }
  return "unknown";
}

Trend trend_of(const Bins& bins, Side side, double level) {
  Trend trend;
  const Blocks blocks = blocks_of(bins, side);
  const std::vector<Point>& points = blocks.points;
  trend.points = points.size();
  if (2 * static_cast<std::size_t>(blocks.missing) > points.size() + 1) {
    return as(trend, Shape::unknown,
              fmt::format("samples are missing: {} blocks of {} have enough of them", points.size(),
                          points.size() + static_cast<std::size_t>(blocks.missing)));
  }
  if (points.size() < kLeastPoints) {
    return as(trend, Shape::unknown,
              fmt::format("too short: a trend needs {} points, there are {}", kLeastPoints, points.size()));
  }
  measure(blocks, level, trend);
  if (const auto teeth = find_teeth(bins, trend.slope)) {
    name_teeth(*teeth, level, trend);
    return trend;
  }
  const bool clear = claimed(trend, level);
  if (clear && trend.slope > 0) {
    name_rise(blocks, level, trend);
  } else if (clear) {
    as(trend, Shape::flat, "no growth, it falls: " + rate(trend));
  } else if (!name_change(blocks, bins, side, level, trend)) {
    if (never_falls(points) && points.back().value - points.front().value > kOneDescriptor) {
      as(trend, Shape::unknown, "never falls, but too few rises to call it a trend: " + rate(trend));
    } else if (!trend.min_detectable_slope) {
      as(trend, Shape::unknown, "neighbouring points are too alike to tell a trend: " + rate(trend));
    } else {
      as(trend, Shape::flat, "no trend: " + rate(trend));
    }
  }
  return trend;
}

}  // namespace walsoak::stats
