// Which expectation and which thresholds each cell of a scenario has.
#pragma once

#include <vector>

#include "harness/model/cells/cells.h"
#include "harness/model/cells/scenario.h"
#include "harness/model/scenario/threshold.h"

namespace walsoak::scenario {

// Of the entries the last that matches counts; `drafts` are those that the cells were made of, in their
// order. Throws ScenarioError where an entry matches no cell of a file `as_written`, or a cell no entry.
void expect_of_cells(const std::vector<ExpectationEntry>& entries, const std::vector<Draft>& drafts,
                     const Place& place, bool as_written, std::vector<Cell>& cells);

// All that match count, beside whatever the cell is expected to show. Throws ScenarioError where one of a
// file `as_written` matches no cell, or asks a cell for what its mode has not.
void threshold_cells(const std::vector<ThresholdEntry>& thresholds, const std::vector<Draft>& drafts,
                     bool as_written, std::vector<Cell>& cells);

}  // namespace walsoak::scenario
