#include "harness/model/vocabulary/condition.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "harness/model/vocabulary/metrics.h"

namespace walsoak {
namespace {

using nlohmann::ordered_json;
using Op = MetricCondition::Op;

// Longer ones first, so that "<=" is not read as "<".
constexpr std::array<std::pair<std::string_view, Op>, 6> kOps = {{{"==", Op::equal},
                                                                  {"!=", Op::not_equal},
                                                                  {"<=", Op::less_equal},
                                                                  {">=", Op::greater_equal},
                                                                  {"<", Op::less},
                                                                  {">", Op::greater}}};

std::string_view symbol(Op op) {
  switch (op) {
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
  }
  return {};
}

std::string_view without_blanks_in_front(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text;
}

bool compare(Op op, double left, double right) {
  switch (op) {
    case Op::equal:
      return left == right;
    case Op::not_equal:
      return left != right;
    case Op::less:
      return left < right;
    case Op::less_equal:
      return left <= right;
    case Op::greater:
      return left > right;
    case Op::greater_equal:
      return left >= right;
  }
  return false;
}

std::optional<MetricCondition> parse_text(std::string_view text) {
  for (const auto& [spelled, op] : kOps) {
    if (!text.starts_with(spelled)) continue;
    const std::string_view rest = without_blanks_in_front(text.substr(spelled.size()));
    if (is_metric_name(rest)) return MetricCondition(op, std::string(rest));
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc() || end != rest.data() + rest.size() || !std::isfinite(number))
      return std::nullopt;
    return MetricCondition(op, number);
  }
  return std::nullopt;
}

}  // namespace

std::optional<MetricCondition> MetricCondition::parse(const ordered_json& value) {
  if (value.is_number()) return MetricCondition(Op::equal, value.get<double>());
  return value.is_string() ? parse_text(value.get_ref<const std::string&>()) : std::nullopt;
}

Presence MetricCondition::holds(std::int64_t seen, const Metrics& metrics) const {
  double against = 0;
  if (const auto* name = std::get_if<std::string>(&against_)) {
    const auto found = metrics.find(*name);
    if (found == metrics.end() || !found->second) return Presence::unknown;
    against = static_cast<double>(*found->second);
  } else {
    against = std::get<double>(against_);
  }
  return compare(op_, static_cast<double>(seen), against) ? Presence::yes : Presence::no;
}

bool MetricCondition::broken_for_good(std::int64_t seen) const {
  const auto* number = std::get_if<double>(&against_);
  if (number == nullptr || compare(op_, static_cast<double>(seen), *number)) return false;
  if (op_ == Op::equal) return static_cast<double>(seen) > *number;
  return op_ == Op::less || op_ == Op::less_equal;
}

std::string MetricCondition::text() const {
  if (const auto* name = std::get_if<std::string>(&against_)) return fmt::format("{} {}", symbol(op_), *name);
  return fmt::format("{} {}", symbol(op_), std::get<double>(against_));
}

std::string MetricCondition::other() const {
  const auto* name = std::get_if<std::string>(&against_);
  return name ? *name : std::string{};
}

std::optional<double> MetricCondition::number() const {
  const auto* number = std::get_if<double>(&against_);
  return number ? std::optional<double>(*number) : std::nullopt;
}

std::optional<std::pair<std::string, std::string>> split_comparison(std::string_view text) {
  text = without_blanks_in_front(text);
  const std::size_t end = text.find_first_of(" =!<>");
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  return std::pair{std::string(text.substr(0, end)), std::string(without_blanks_in_front(text.substr(end)))};
}

std::optional<std::pair<std::string, MetricCondition>> parse_comparison(std::string_view text) {
  const auto parts = split_comparison(text);
  if (!parts || !is_metric_name(parts->first)) return std::nullopt;
  const auto condition = parse_text(parts->second);
  if (!condition) return std::nullopt;
  return std::pair{parts->first, *condition};
}

}  // namespace walsoak
