#include "harness/model/cells/cell_expectations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "harness/model/scenario/metric_condition.h"
#include "harness/model/scenario/shape.h"

namespace walsoak::scenario {
namespace {

// That some cell meets the condition; `place` is the condition's.
void require_met(const std::vector<Assignment>& when, const Place& place, const std::vector<Draft>& drafts) {
  if (std::any_of(drafts.begin(), drafts.end(), [&when](const Draft& draft) { return draft.has(when); }))
    return;
  for (const Assignment& assignment : when) {
    std::vector<std::string> values;
    for (const Draft& draft : drafts) {
      std::string value = shown(draft.value(assignment.setting->name));
      if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
    }
    if (std::find(values.begin(), values.end(), shown(assignment.value)) != values.end()) continue;
    assignment.place.fail(fmt::format("no cell has {} {}", assignment.setting->name, shown(assignment.value)),
                          fmt::format("valid: {}", fmt::join(values, ", ")));
  }
  place.fail("no cell has these values together", "valid: values that one cell has");
}

}  // namespace

void expect_of_cells(const std::vector<ExpectationEntry>& entries, const std::vector<Draft>& drafts,
                     const Place& place, bool as_written, std::vector<Cell>& cells) {
  for (const ExpectationEntry& entry : entries) {
    if (as_written) require_met(entry.when, entry.when_place, drafts);
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (const ExpectationEntry& entry : entries) {
      if (drafts[i].has(entry.when)) cells[i].expected = entry.expectation;
    }
    if (cells[i].expected) continue;
    std::string values;
    for (const auto& [axis, value] : cells[i].differs.items()) {
      values += fmt::format("{}{} {}", values.empty() ? " with " : ", ", axis, shown(value));
    }
    place.fail(fmt::format("no entry matches cell {}{}", cells[i].id, values),
               "valid: a list that matches every cell, as an entry with \"when\": {} at its head does");
  }
}

void threshold_cells(const std::vector<ThresholdEntry>& thresholds, const std::vector<Draft>& drafts,
                     bool as_written, std::vector<Cell>& cells) {
  for (const ThresholdEntry& entry : thresholds) {
    if (as_written) require_met(entry.when, entry.place.at("when"), drafts);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (!drafts[i].has(entry.when)) continue;
      require_metric_of_mode(entry.threshold.metric, entry.threshold.condition,
                             drafts[i].value("mode") == "free", entry.place);
      // A cell of which nothing is expected may show any finding.
      if (!cells[i].expected) cells[i].expected.emplace();
      cells[i].expected->thresholds.push_back(entry.threshold);
    }
  }
}

}  // namespace walsoak::scenario
