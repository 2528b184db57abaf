// A metric compared with a number or with another metric of the same cell: "lost_commits == 0", "wal_created
// == wal_unlinked". The one grammar of conditions: scenarios, thresholds and stored summaries are read by it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "harness/base/shared/tristate.h"

namespace walsoak {

// The metrics of one cell. A name without a value: unknown. A name that is not in the map: the cell has no
// such metric.
using Metrics = std::map<std::string, Count>;

class MetricCondition {
 public:
  enum class Op { equal, not_equal, less, less_equal, greater, greater_equal };

  // The default is "== 0".
  MetricCondition() = default;
  MetricCondition(Op op, std::variant<double, std::string> against) : op_(op), against_(std::move(against)) {}

  // From a number (equal to it), or from a text: an operator (==, !=, <, <=, >, >=) and a number or a
  // metric's name. Nothing where the value is neither; kValid lists the valid forms.
  static std::optional<MetricCondition> parse(const nlohmann::ordered_json& value);
  static constexpr std::string_view kValid =
      "valid: a number, or ==, !=, <, <=, > or >= and then a number or another metric's name";

  // Whether `seen` meets it; unknown where the other metric is unknown or missing.
  Presence holds(std::int64_t seen, const Metrics& metrics) const;
  // Whether neither `seen` nor any greater number meets it: for a count that never falls, broken for good.
  bool broken_for_good(std::int64_t seen) const;
  // As parse() reads it: ">= 1".
  std::string text() const;
  // The other metric's name, or "".
  std::string other() const;
  // The number that it compares with, or nothing.
  std::optional<double> number() const;

 private:
  Op op_ = Op::equal;
  std::variant<double, std::string> against_ = 0.0;
};

// "lost_commits == 0" as {"lost_commits", "== 0"}; nothing without a name before and an operator after it.
// The one place that splits a comparison: callers check the two parts.
std::optional<std::pair<std::string, std::string>> split_comparison(std::string_view text);

// "lost_commits == 0" in its two parts; nothing where the text is none. Whether the metric exists is not
// checked.
std::optional<std::pair<std::string, MetricCondition>> parse_comparison(std::string_view text);

}  // namespace walsoak
