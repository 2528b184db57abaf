#include "harness/model/scenario/metric_condition.h"

#include <fmt/format.h>

#include "harness/base/shared/nearest.h"
#include "harness/model/scenario/shape.h"
#include "harness/model/vocabulary/metrics.h"

namespace walsoak::scenario {

using nlohmann::ordered_json;

void require_metric_name(std::string_view name, const Place& place) {
  if (!is_metric_name(name)) {
    place.fail(shown(std::string(name)) + " is no metric's name",
               "valid: a lower-case letter, then lower-case letters, digits and _");
  }
  std::vector<std::string_view> names;
  for (const MetricInfo& info : metrics_table()) names.push_back(info.name);
  require_name(std::string(name), place, "metric", names, "walsoak list metrics");
}

MetricCondition read_condition(const std::string& metric, const ordered_json& value, const Place& place) {
  require_metric_name(metric, place);
  const auto condition = MetricCondition::parse(value);
  if (!condition) {
    place.fail(shown(value) + " is no expectation of a metric", std::string(MetricCondition::kValid));
  }
  if (const std::string other = condition->other(); !other.empty()) require_metric_name(other, place);
  return *condition;
}

std::pair<std::string, MetricCondition> read_comparison(const ordered_json& value, const Place& place) {
  const std::string& text = require_string(value, place);
  const auto parts = split_comparison(text);
  if (!parts) {
    place.fail(shown(value) + " is no comparison",
               "valid: a metric, an operator and a number, as \"lost_commits == 0\"");
  }
  const auto& [metric, condition] = *parts;
  return {metric, read_condition(metric, condition, place)};
}

void require_metric_of_mode(const std::string& metric, const MetricCondition& condition, bool free_running,
                            const Place& place) {
  if (free_running) return;
  for (const std::string& name : {metric, condition.other()}) {
    const MetricInfo* const info = find_metric(name);
    if (info == nullptr || !info->free_running) continue;
    place.fail(fmt::format("{} is a metric of free-running cells", name),
               "valid: mode free, or another metric");
  }
}

}  // namespace walsoak::scenario
