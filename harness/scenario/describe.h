// The cells of a scenario as text, for `--dry-run`.
#pragma once

#include <string>

#include "harness/scenario/scenario.h"

namespace walsoak::scenario {

// A title line, then a table: cell, the values in which cells differ, whose control it is, what is expected
// of it. Ends with a newline.
// `repeat`: how often each cell is carried out.
std::string describe_cells(const Scenario& scenario, std::int64_t repeat = 1);

}  // namespace walsoak::scenario
