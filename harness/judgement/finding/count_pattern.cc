#include "harness/judgement/finding/count_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "harness/evidence/stats/trend.h"
#include "harness/evidence/stats/trend_mann_kendall.h"
#include "harness/judgement/finding/growth.h"

namespace walsoak::judgement {
namespace {

// So many values in a random order rise each time once in 720.
constexpr std::size_t kLeastToEstablish = 6;
constexpr int kLeastRises = 4;
// Below this p (two-sided, exact) a rise among ups and downs is worth a longer look.
constexpr double kWorthALook = 0.02;
constexpr std::size_t kLeastTeeth = 2;
constexpr int kLeastRisesInATooth = 3;

struct Moves {
  int rises = 0, falls = 0;
};

Moves moves_of(const std::vector<stats::Bin>& bins) {
  Moves moves;
  for (std::size_t i = 1; i < bins.size(); ++i) {
    moves.rises += *bins[i].min > *bins[i - 1].min;
    moves.falls += *bins[i].min < *bins[i - 1].min;
  }
  return moves;
}

int peaks_of(const std::vector<stats::Bin>& bins) {
  int peaks = 0;
  bool rose = false;
  for (std::size_t i = 1; i < bins.size(); ++i) {
    peaks += rose && *bins[i].min < *bins[i - 1].min;
    rose = *bins[i].min > *bins[i - 1].min || (rose && *bins[i].min == *bins[i - 1].min);
  }
  return peaks;
}

// Whether the rise is over: the values are flat at the end for more than twice as long as they ever were
// between two rises, and for three samples at least.
bool is_over(const std::vector<stats::Bin>& bins) {
  std::size_t flat = 0, longest = 1;
  bool rose = false;
  for (std::size_t i = 1; i < bins.size(); ++i) {
    if (*bins[i].min == *bins[i - 1].min) {
      ++flat;
    } else {
      if (rose) longest = std::max(longest, flat + 1);
      rose = true;
      flat = 0;
    }
  }
  return rose && flat >= 3 && flat > 2 * longest;
}

// Few samples, each a bin: slow rises that end in a fall of over half the range, in one sample, to troughs
// that do not rise each time.
bool has_small_teeth(const std::vector<stats::Bin>& bins, std::int64_t range) {
  std::vector<std::int64_t> troughs;
  int rises = 0;
  for (std::size_t i = 1; i < bins.size(); ++i) {
    const std::int64_t by = *bins[i].min - *bins[i - 1].min;
    if (2 * -by > range && rises >= kLeastRisesInATooth) troughs.push_back(*bins[i].min);
    if (by < 0) rises = 0;
    rises += by > 0;
  }
  const bool drift =
      std::adjacent_find(troughs.begin(), troughs.end(), std::greater_equal<>()) == troughs.end();
  return range >= 3 && troughs.size() >= kLeastTeeth && !drift;
}

// Every value of the last third above every one of the first, and the middle between: nine values in a random
// order do that once in 1,680.
bool thirds_apart(const std::vector<stats::Bin>& bins) {
  const std::size_t third = bins.size() / 3;
  if (third < 3) return false;
  const auto below = [](const stats::Bin& a, const stats::Bin& b) { return *a.min < *b.min; };
  const auto middle = bins.begin() + static_cast<std::ptrdiff_t>(third);
  const auto last = bins.end() - static_cast<std::ptrdiff_t>(third);
  const std::int64_t most = *std::max_element(bins.begin(), middle, below)->min;
  return *std::min_element(last, bins.end(), below)->min > most &&
         *std::min_element(middle, bins.end(), below)->min >= most;
}

double chance_of_rise(const std::vector<stats::Bin>& bins) {
  std::vector<stats::Point> points;
  for (std::size_t i = 0; i < bins.size(); ++i)
    points.push_back(
        {static_cast<std::int64_t>(i), static_cast<double>(i), static_cast<double>(*bins[i].min)});
  const stats::MannKendall test = mann_kendall(points);
  return test.s <= 0 ? 1 : stats::exact_two_sided(test.s, test.n);
}

std::string numbers_of(const std::vector<stats::Bin>& bins) {
  const auto at = [](const stats::Bin& bin) {
    if (bin.samples == 1) return fmt::format("{} at sample {}", text(bin.min), bin.tick_first);
    return fmt::format("{} in samples {} to {}", text(bin.min), bin.tick_first, bin.tick_last);
  };
  if (bins.size() == 1) return at(bins.front());
  if (bins.size() == 2) return fmt::format("{}, {}", at(bins.front()), at(bins.back()));
  return fmt::format("{}, {}, {}", at(bins.front()), at(bins[(bins.size() - 1) / 2]), at(bins.back()));
}

CourseKind kind_of_rise(const std::vector<stats::Bin>& bins, const Moves& moves, bool by_trend) {
  if (by_trend) return CourseKind::rises;
  if (moves.falls == 0) {
    return bins.size() >= kLeastToEstablish && moves.rises >= kLeastRises ? CourseKind::rises
                                                                          : CourseKind::rises_so_far;
  }
  const double chance = chance_of_rise(bins);
  if (chance < stats::kTrendLevel && thirds_apart(bins)) return CourseKind::rises;
  return chance < kWorthALook ? CourseKind::rises_or_not : CourseKind::breathes;
}

CourseKind kind_that_returned(const Course& course, const std::vector<stats::Bin>& bins) {
  // One hump: up, and down to where it was.
  const std::int64_t base = std::max(*bins.front().min, *bins.back().min);
  int humps = 0;
  for (std::size_t i = 1; i < bins.size(); ++i) humps += *bins[i].min > base && *bins[i - 1].min <= base;
  return humps == 1 && *course.most >= base + 2 ? CourseKind::burst : CourseKind::breathes;
}

}  // namespace

Course course_of(const facts::SampleSeries& series, facts::Key key) {
  Course course;
  if (series.empty()) return course;
  const std::vector<stats::Bin>& bins = series.bins(key).bins();
  course.samples = series.counted();
  if (std::any_of(bins.begin(), bins.end(),
                  [](const stats::Bin& bin) { return !bin.min || bin.count < bin.samples; }))
    return course;
  course.first = bins.front().min;
  course.last = bins.back().min;
  course.least = course.first;
  course.most = bins.front().max;
  for (const stats::Bin& bin : bins) {
    course.least = std::min(*course.least, *bin.min);
    course.most = std::max(*course.most, *bin.max);
  }
  course.numbers = numbers_of(bins);
  if (course.samples < 3) {
    course.kind = *course.last > *course.first ? CourseKind::rises_so_far : CourseKind::single;
    return course;
  }
  const std::int64_t range = *course.most - *course.least;
  const Moves moves = moves_of(bins);
  course.peaks = peaks_of(bins);
  course.settled = bins.size() > 1 && *bins.back().min == *bins[bins.size() - 2].min;
  if (range == 0) {
    course.kind = CourseKind::steady;
    return course;
  }
  if (moves.falls == 0 && is_over(bins)) {
    course.kind = CourseKind::step;
    return course;
  }
  const stats::Trend trend = trend_of(series.bins(key), stats::Side::troughs);
  if (trend.shape == stats::Shape::saw_tooth ||
      (bins.size() < stats::kLeastPoints && has_small_teeth(bins, range))) {
    course.kind = CourseKind::saw_tooth;
    return course;
  }
  const Growth growth(series, key);
  const bool enough = moves.falls > 0 && bins.size() >= 40;
  if (const Judgement leak = growth.leak(); leak.presence == Presence::yes) {
    course.kind = kind_of_rise(bins, moves, enough);
  } else if (leak.presence == Presence::unknown) {
    // A rise in one go at the end is no course yet.
    const bool worth_a_look =
        enough || (moves.falls == 0 ? moves.rises > 1 : chance_of_rise(bins) < kWorthALook);
    course.kind = worth_a_look       ? CourseKind::rises_late
                  : moves.falls == 0 ? CourseKind::step
                                     : CourseKind::breathes;
  } else if (growth.bounded().presence == Presence::yes) {
    course.kind = moves.falls == 0 || enough ? CourseKind::step : CourseKind::breathes;
  } else if (trend.shape == stats::Shape::burst) {
    course.kind = CourseKind::burst;
  } else if (*course.last < *course.first && moves.rises == 0) {
    course.kind = CourseKind::falls;
  } else {
    course.kind = kind_that_returned(course, bins);
  }
  return course;
}

}  // namespace walsoak::judgement
