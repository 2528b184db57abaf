// Words that the parts of a diagnosis share, and the time that is left to the limit.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/base/shared/span_text.h"
#include "harness/evidence/stats/trend_slope.h"
#include "harness/judgement/diagnosis/diagnosis_parts.h"

namespace walsoak::judgement {
namespace {

constexpr std::size_t kMostNamed = 4;

bool by_length(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace

std::string extent_text(const facts::ProcessHistory& evidence) {
  const std::int64_t samples = evidence.samples();
  std::string extent = fmt::format("{} {}", samples, samples == 1 ? "sample" : "samples");
  if (evidence.span_us() > 0) extent += " over " + span_text(static_cast<double>(evidence.span_us()) / 1e6);
  return extent;
}

std::string names_text(const std::vector<std::string>& names) {
  std::vector<std::string> shown(
      names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMostNamed)));
  if (names.size() > kMostNamed) shown.push_back(fmt::format("{} more", names.size() - kMostNamed));
  if (shown.size() == 1) return shown.front();
  const std::string last = shown.back();
  shown.pop_back();
  return fmt::format("{} and {}", fmt::join(shown, ", "), last);
}

std::string lines_text(const std::vector<std::string>& lines) {
  std::vector<std::string> shown(
      lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), kMostNamed)));
  if (lines.size() > kMostNamed) shown.push_back(fmt::format("and {} more", lines.size() - kMostNamed));
  return fmt::format("{}", fmt::join(shown, "; "));
}

std::vector<std::string> by_number(const std::map<std::string, facts::DatabaseHistory>& databases) {
  std::vector<std::string> names;
  for (const auto& [name, course] : databases) names.push_back(name);
  std::sort(names.begin(), names.end(), by_length);
  return names;
}

std::optional<TimeLeft> time_left(const facts::ProcessHistory& evidence) {
  const facts::SampleSeries& everything = evidence.everything();
  if (course_of(everything, facts::Key::descriptors_net).kind != CourseKind::rises) return std::nullopt;
  const facts::CellFacts& cell = evidence.cell();
  const Count limit = cell.series().last_value(facts::ProcessKey::descriptor_limit);
  const Count most = cell.series().peak(facts::ProcessKey::descriptors);
  const std::vector<stats::Point> points =
      blocks_of(everything.bins(facts::Key::descriptors_net), stats::Side::troughs).points;
  if (!limit || !most || points.size() < 2) return std::nullopt;
  const double slope = stats::TheilSen(points).slope();
  if (slope <= 0) return std::nullopt;

  TimeLeft left;
  left.samples =
      std::max(0.0, static_cast<double>(*limit - *most - facts::SampleSeries::Room::kReserve) / slope);
  const double ticks = points.back().tick - points.front().tick;
  const bool by_clock = evidence.span_us() > 0 && evidence.is_clocked();
  if (by_clock) {
    const double seconds_a_tick = static_cast<double>(evidence.span_us()) / 1e6 / ticks;
    left.seconds = left.samples * seconds_a_tick;
    left.numbers =
        fmt::format("{} of {} descriptors, {:+.3g} a minute", *most, *limit, slope / seconds_a_tick * 60);
  } else {
    left.numbers = fmt::format("{} of {} descriptors, {:+.3g} a {}", *most, *limit, slope,
                               cell.watched() ? "sample" : "tick");
  }
  return left;
}

}  // namespace walsoak::judgement
