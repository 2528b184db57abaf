#include "harness/judgement/verdict/expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string_view>

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;
using Op = MetricCondition::Op;

// Longer ones first, so that "<=" is not read as "<".
constexpr std::array<std::pair<std::string_view, Op>, 7> kOps = {{{"==", Op::equal},
                                                                  {"!=", Op::not_equal},
                                                                  {"<=", Op::less_equal},
                                                                  {">=", Op::greater_equal},
                                                                  {"<", Op::less},
                                                                  {">", Op::greater},
                                                                  {"=", Op::equal}}};

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

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_metric_name(std::string_view text) {
  const auto part = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(), part);
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

std::vector<std::string> names(const ordered_json& value, const char* key) {
  std::vector<std::string> result;
  const auto found = value.find(key);
  if (found == value.end()) return result;
  for (const ordered_json& name : found->is_array() ? *found : ordered_json::array({*found})) {
    if (!name.is_string())
      throw std::invalid_argument(fmt::format("{}: valid: a name or a list of names", key));
    result.push_back(name.get<std::string>());
  }
  return result;
}

}  // namespace

MetricCondition MetricCondition::from_json(const ordered_json& value) {
  MetricCondition condition;
  if (value.is_number()) {
    condition.against_ = value.get<double>();
    return condition;
  }
  const auto fail = [&value]() {
    throw std::invalid_argument(
        value.dump() +
        ": valid: a number, or an operator (==, !=, <, <=, >, >=) and a number or a metric's "
        "name, like \">= 1\" or \"== wal_unlinked\"");
  };
  if (!value.is_string()) fail();
  std::string_view rest = trimmed(value.get_ref<const std::string&>());
  for (const auto& [spelled, op] : kOps) {
    if (!rest.starts_with(spelled)) continue;
    condition.op_ = op;
    rest = trimmed(rest.substr(spelled.size()));
    break;
  }
  double number = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (error == std::errc() && end == rest.data() + rest.size() && std::isfinite(number)) {
    condition.against_ = number;
  } else if (is_metric_name(rest)) {
    condition.against_ = std::string(rest);
  } else {
    fail();
  }
  return condition;
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

Threshold Threshold::from_json(const ordered_json& value) {
  const std::string text = value.at("threshold").get<std::string>();
  const std::size_t end = text.find_first_of(" =!<>");
  Threshold threshold;
  threshold.metric = text.substr(0, end);
  if (end == std::string::npos || !is_metric_name(threshold.metric)) {
    throw std::invalid_argument(text +
                                ": valid: a metric, an operator and a number, like \"lost_commits == 0\"");
  }
  threshold.condition = MetricCondition::from_json(text.substr(end));
  threshold.abort_on_fail = value.value("abort_on_fail", false);
  threshold.grace_s = value.value("grace_s", 0.0);
  return threshold;
}

std::string Threshold::text() const {
  return metric + " " + condition.text();
}

ordered_json Threshold::to_json() const {
  ordered_json json = {{"threshold", text()}};
  if (abort_on_fail) json["abort_on_fail"] = true;
  if (grace_s > 0) json["grace_s"] = grace_s;
  return json;
}

Expectation Expectation::clean_or_churn() {
  Expectation expectation;
  expectation.findings = {kClean, kChurn};
  return expectation;
}

Expectation Expectation::from_json(const ordered_json& value) {
  if (!value.is_object()) throw std::invalid_argument("an expectation is an object");
  Expectation expectation;
  expectation.findings = names(value, "finding");
  if (std::find(expectation.findings.begin(), expectation.findings.end(), "any") !=
      expectation.findings.end()) {
    expectation.findings.clear();
  }
  expectation.mechanisms = names(value, "mechanisms");
  expectation.not_mechanisms = names(value, "not_mechanisms");
  const ordered_json metrics = value.value("metrics", ordered_json::object());
  if (!metrics.is_object())
    throw std::invalid_argument("metrics: valid: an object of metric names and conditions");
  for (const auto& [name, conditions] : metrics.items()) {
    for (const ordered_json& one : conditions.is_array() ? conditions : ordered_json::array({conditions})) {
      try {
        expectation.metrics.emplace_back(name, MetricCondition::from_json(one));
      } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(fmt::format("metrics/{}: {}", name, error.what()));
      }
    }
  }
  const ordered_json thresholds = value.value("thresholds", ordered_json::array());
  for (const ordered_json& threshold : thresholds) {
    try {
      expectation.thresholds.push_back(Threshold::from_json(threshold));
    } catch (const nlohmann::json::exception& error) {
      throw std::invalid_argument(fmt::format("thresholds: {}", error.what()));
    }
  }
  return expectation;
}

ordered_json Expectation::to_json() const {
  ordered_json result;
  if (findings.empty()) {
    result["finding"] = "any";
  } else {
    result["finding"] = findings.size() == 1 ? ordered_json(findings.front()) : ordered_json(findings);
  }
  if (!mechanisms.empty()) result["mechanisms"] = mechanisms;
  if (!not_mechanisms.empty()) result["not_mechanisms"] = not_mechanisms;
  ordered_json conditions = ordered_json::object();
  for (const auto& [name, condition] : metrics) {
    if (!conditions.contains(name)) {
      conditions[name] = condition.text();
    } else {
      ordered_json& before = conditions[name];
      if (!before.is_array()) before = ordered_json::array({before});
      before.push_back(condition.text());
    }
  }
  result["metrics"] = std::move(conditions);
  for (const Threshold& threshold : thresholds) result["thresholds"].push_back(threshold.to_json());
  return result;
}

}  // namespace walsoak::judgement
