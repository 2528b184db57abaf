// Conditions on metrics as a scenario file writes them: names and forms checked, with the place in the file.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "harness/model/scenario/scenario_error.h"
#include "harness/model/vocabulary/condition.h"

namespace walsoak::scenario {

// Throws ScenarioError unless some cell has a metric of this name.
void require_metric_name(std::string_view name, const Place& place);

// The condition on a metric, from a number or a text. Throws ScenarioError.
MetricCondition read_condition(const std::string& metric, const nlohmann::ordered_json& value,
                               const Place& place);

// "lost_commits == 0" in its two parts. Throws ScenarioError.
std::pair<std::string, MetricCondition> read_comparison(const nlohmann::ordered_json& value,
                                                        const Place& place);

// Throws ScenarioError where a lockstep cell is asked for a metric that only free-running cells have.
void require_metric_of_mode(const std::string& metric, const MetricCondition& condition, bool free_running,
                            const Place& place);

}  // namespace walsoak::scenario
