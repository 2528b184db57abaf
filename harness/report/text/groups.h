// Cells put together by what came of them, and the scenarios of a run that holds several.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

using Cells = std::vector<const Json*>;

// Cells with the same findings, mechanisms and verdict.
struct OutcomeGroup {
  Cells cells;
  // The values that the group has of the axes on which groups part: "header_check = raw, sqlite.worker =
  // 3.40.1 or 3.42.0". Which of their combinations occur is not said. "" for a group alone.
  std::string where;
};

// In the order of the worst finding, then of the cells.
std::vector<OutcomeGroup> outcome_groups(const Cells& cells);

// The cells of one scenario; `name` is "" in a run of one.
struct ScenarioCells {
  std::string name;
  Cells cells;
};

// In the order of the run: one for a run of one scenario.
std::vector<ScenarioCells> scenarios_of(const Json& summary);

// The settings in which these cells differ, in the order in which cells name them.
std::vector<std::string> axes_of(const Cells& cells);

// "c01" of "quick.c01" where the run has several scenarios: tables of one need no more.
std::string name_within(const Json& cell, const std::string& scenario);

}  // namespace walsoak::report
