// A metric compared with a number or with another metric of the same cell: "lost_commits == 0", "wal_created
// == wal_unlinked".
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "harness/model/scenario/assignments.h"

namespace walsoak::scenario {

enum class Compare { equal, not_equal, less, at_most, greater, at_least };

struct MetricExpectation {
  std::string metric;
  Compare compare;
  double value = 0;
  std::string other_metric;        // empty: `value` counts
  nlohmann::ordered_json written;  // what stands behind the metric: a number, or a string such as "< 20000"
};

// That it is the name of a metric that some cell has. Throws ScenarioError.
void require_metric_name(std::string_view name, const Place& place, const Vocabulary& vocabulary);

// From a number (equal to it), or an operator and then a number or a metric. Throws ScenarioError.
MetricExpectation read_metric(const std::string& metric, const nlohmann::ordered_json& value,
                              const Place& place, const Vocabulary& vocabulary);

// From one text, the metric in front. Throws ScenarioError.
MetricExpectation read_comparison(const nlohmann::ordered_json& value, const Place& place,
                                  const Vocabulary& vocabulary);

// As read_comparison reads it.
std::string to_text(const MetricExpectation& expectation);

// That a lockstep cell is not asked for a figure that only the clock gives. Throws ScenarioError.
void require_metric_of_mode(const MetricExpectation& expectation, bool free_running, const Place& place,
                            const Vocabulary& vocabulary);

}  // namespace walsoak::scenario
