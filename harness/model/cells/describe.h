// The cells of a scenario as text, for `--dry-run`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/model/cells/scenario.h"

namespace walsoak::scenario {

// A title line, then a table: cell, the values in which cells differ, whose control it is, what is expected
// of it. Then a line for each command or module that is not walsoak's and that the cells run. Ends with a
// newline. `repeat`: how often each cell is carried out.
std::string describe_cells(const Scenario& scenario, std::int64_t repeat = 1);

// The foreign code that a cell with these settings runs: "the command: node a.js", or "the Python
// function: a.py:connect". "" for none; what it names is run only with --allow-exec.
std::string foreign_code(const nlohmann::ordered_json& settings);

}  // namespace walsoak::scenario
