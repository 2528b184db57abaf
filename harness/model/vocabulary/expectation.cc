#include "harness/model/vocabulary/expectation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <stdexcept>

#include "harness/model/vocabulary/findings.h"

namespace walsoak {
namespace {

using nlohmann::ordered_json;

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

Threshold Threshold::from_json(const ordered_json& value) {
  const auto& text = value.at("threshold").get_ref<const std::string&>();
  auto comparison = parse_comparison(text);
  if (!comparison) {
    throw std::invalid_argument(text +
                                ": valid: a metric, an operator and a number, like \"lost_commits == 0\"");
  }
  return {std::move(comparison->first), std::move(comparison->second), value.value("abort_on_fail", false),
          value.value("grace_s", 0.0)};
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
      const auto condition = MetricCondition::parse(one);
      if (!condition) {
        throw std::invalid_argument(
            fmt::format("metrics/{}: {}; {}", name, one.dump(), MetricCondition::kValid));
      }
      expectation.metrics.emplace_back(name, *condition);
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

std::string Expectation::text() const {
  std::string text = findings.empty() ? "any" : fmt::format("{}", fmt::join(findings, " or "));
  for (const std::string& name : mechanisms) text += "; with " + name;
  for (const std::string& name : not_mechanisms) text += "; without " + name;
  for (const auto& [name, condition] : metrics) text += fmt::format("; {} {}", name, condition.text());
  for (const Threshold& threshold : thresholds) text += "; threshold " + threshold.text();
  return text;
}

}  // namespace walsoak
