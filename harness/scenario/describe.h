// The cells of a scenario as text, for `--dry-run`.
#pragma once

#include <string>

#include "harness/scenario/scenario.h"

namespace walsoak::scenario {

// A title line, then a table: cell, the values in which cells differ, whose control it is, what is expected
// of it. Ends with a newline.
std::string describe_cells(const Scenario& scenario);

}  // namespace walsoak::scenario
