#include "harness/judgement/compare/comparison_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>

#include "harness/base/shared/json_text.h"
#include "harness/evidence/stats/shift.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

// Best first.
constexpr const char* kVerdictsByHarm[] = {kPass, kFail};

std::vector<std::string> distinct(std::vector<std::string> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

struct Judged {
  const char* result;
  std::string reason;
};

// How harmful a word is; nothing for unknown, or a word of another version.
std::optional<std::ptrdiff_t> harm(const std::string& word, std::span<const char* const> words) {
  const auto found = std::find_if(words.begin(), words.end(), [&](std::string_view w) { return w == word; });
  return found == words.end() ? std::nullopt : std::optional(found - words.begin());
}

Judged judge_words(const std::vector<std::string>& baseline, const std::vector<std::string>& other,
                   std::span<const char* const> words, const ComparedSides& sides) {
  std::vector<std::ptrdiff_t> harms[2];
  for (const int side : {0, 1}) {
    const auto& values = side == 0 ? baseline : other;
    const std::string& label = side == 0 ? sides.baseline : sides.other;
    for (const std::string& value : values) {
      const auto rank = harm(value, words);
      if (!rank)
        return {kCannotTell, fmt::format("{} in {}", value.empty() ? std::string(kUnknown) : value, label)};
      harms[side].push_back(*rank);
    }
    if (values.empty()) return {kCannotTell, fmt::format("missing in {}", label)};
    if (sides.lockstep && distinct(values).size() > 1) {
      return {kCannotTell, fmt::format("the repeats in {} disagree", label)};
    }
  }
  const auto [least, most] = std::minmax_element(harms[0].begin(), harms[0].end());
  const auto [other_least, other_most] = std::minmax_element(harms[1].begin(), harms[1].end());
  if (*other_least > *most) return {kWorse, ""};
  if (*other_most < *least) return {kBetter, ""};
  if (*least == *other_most && *most == *other_least) return {kSame, ""};
  return {kCannotTell, "some repeats agree and some do not"};
}

ordered_json words_json(const std::vector<std::string>& baseline, const std::vector<std::string>& other,
                        const Judged& judged) {
  return {{"baseline", distinct(baseline)},
          {"other", distinct(other)},
          {"result", judged.result},
          {"reason", judged.reason}};
}

Count median_of(std::vector<Count> values) {
  if (values.empty() || std::find(values.begin(), values.end(), Count()) != values.end()) return std::nullopt;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Exact where it fits.
ordered_json difference_json(std::int64_t from, std::int64_t to) {
  std::int64_t exact = 0;
  if (!__builtin_sub_overflow(to, from, &exact)) return exact;
  return static_cast<double>(to) - static_cast<double>(from);
}

std::vector<double> doubles(const std::vector<Count>& values) {
  std::vector<double> result;
  for (const Count value : values) result.push_back(static_cast<double>(value.value()));
  return result;
}

// "not known in A", "not known in 2 of 5 repeats in A"; "" where all are known.
std::string why_unknown(const std::vector<Count>& values, const std::string& label) {
  const auto unknown = std::count(values.begin(), values.end(), Count());
  if (unknown == 0) return "";
  if (unknown == std::ssize(values)) return fmt::format("not known in {}", label);
  return fmt::format("not known in {} of {} repeats in {}", unknown, values.size(), label);
}

const char* by_direction(bool rose, Direction direction) {
  return rose == (direction == Direction::lower) ? kWorse : kBetter;
}

bool all_equal(const std::vector<Count>& values) {
  return std::all_of(values.begin(), values.end(), [&](Count value) { return value == values.front(); });
}

Judged judge_exact(const std::vector<Count>& baseline, const std::vector<Count>& other, Direction direction,
                   const ComparedSides& sides) {
  for (const auto* values : {&baseline, &other}) {
    if (!all_equal(*values)) {
      return {kCannotTell,
              fmt::format("the repeats in {} disagree", values == &baseline ? sides.baseline : sides.other)};
    }
  }
  if (baseline.front() == other.front()) return {kSame, ""};
  return {by_direction(*other.front() > *baseline.front(), direction), ""};
}

// The limits are differences, so that a baseline of 0 divides nothing.
Judged judge_shift(const stats::Shift& shift, Count baseline, Direction direction,
                   const ComparedSides& sides) {
  const double limit = sides.tolerance * std::abs(static_cast<double>(baseline.value()));
  if (shift.low > limit) return {by_direction(true, direction), ""};
  if (shift.high < -limit) return {by_direction(false, direction), ""};
  if (shift.low >= -limit && shift.high <= limit) return {kSame, ""};
  return {kCannotTell, "the interval reaches beyond the tolerance and does not clear it"};
}

// Without `unknown`, which is neither better nor worse than any.
std::vector<const char*> findings_best_first() {
  std::vector<const char*> names;
  for (const FindingInfo& info : findings_table()) {
    if (info.harm != Harm::unknown) names.insert(names.begin(), info.name.data());
  }
  return names;
}

}  // namespace

ordered_json compare_findings(const std::vector<std::string>& baseline, const std::vector<std::string>& other,
                              const ComparedSides& sides) {
  return words_json(baseline, other, judge_words(baseline, other, findings_best_first(), sides));
}

ordered_json compare_verdicts(const std::vector<std::string>& baseline, const std::vector<std::string>& other,
                              const ComparedSides& sides) {
  return words_json(baseline, other, judge_words(baseline, other, kVerdictsByHarm, sides));
}

ordered_json compare_metric(const MetricInfo& metric, const std::vector<Count>& baseline,
                            const std::vector<Count>& other, const ComparedSides& sides, bool asked) {
  const Count from = median_of(baseline), to = median_of(other);
  const bool exact = metric.nature == Nature::counted && sides.lockstep;
  const bool repeated = baseline.size() > 1 && other.size() > 1;
  const std::string unknown_from = why_unknown(baseline, sides.baseline);
  const std::string unknown_to = why_unknown(other, sides.other);
  ordered_json difference, low, high;
  Judged judged{kCannotTell, ""};
  bool gates = asked || metric.nature == Nature::counted || repeated;

  if (!from && !to) {
    judged.reason = fmt::format("known in neither {} nor {}", sides.baseline, sides.other);
    gates = asked;
  } else if (!from || !to) {
    judged.reason = from ? unknown_to : unknown_from;
    // A -wal that is not there has no size.
    gates = asked || metric.nature == Nature::counted;
  } else if (exact) {
    difference = difference_json(*from, *to);
    judged = judge_exact(baseline, other, metric.better, sides);
  } else {
    difference = difference_json(*from, *to);
    if (metric.nature == Nature::measured && !sides.untimed.empty()) {
      judged.reason = sides.untimed;
    } else if (const auto shift = stats::shift_of(doubles(baseline), doubles(other), kComparisonLevel)) {
      difference = shift->estimate;
      low = shift->low;
      high = shift->high;
      judged = judge_shift(*shift, from, metric.better, sides);
    } else {
      judged.reason =
          fmt::format("{} and {} repeats have no interval; 5 and 5 have one", baseline.size(), other.size());
    }
  }
  return {{"metric", metric.name},
          {"better", direction_text(metric.better)},
          {"baseline", json_of(from)},
          {"other", json_of(to)},
          {"difference", std::move(difference)},
          {"low", std::move(low)},
          {"high", std::move(high)},
          {"exact", exact},
          {"repeats", {baseline.size(), other.size()}},
          {"gates", gates},
          {"result", judged.result},
          {"reason", judged.reason}};
}

}  // namespace walsoak::judgement
