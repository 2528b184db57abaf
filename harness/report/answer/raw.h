// The raw data of a report, each kind in a part that is shown when it is asked for: what a reader looks up,
// not what he reads.
#pragma once

#include <cstddef>
#include <string>

#include "harness/report/text/groups.h"

namespace walsoak::report {

// Tables of every cell, one a scenario.
std::string all_cells_details(const std::vector<ScenarioCells>& scenarios, std::size_t most_rows);
// The conditions of outcomes in full; the numbers behind findings and mechanisms; errors of steps; reasons of
// verdicts; where the ledgers parted. At most so many lines each.
std::string raw_details(const Json& summary, std::size_t most_lines);
// Cells that stand as controls; "" if there is none.
std::string controls_details(const Json& summary, std::size_t most_lines);

// Why verdicts are not pass, in the words of the cells; empty if all are.
std::vector<std::string> reason_lines(const Json& summary);

// What the words of the report mean.
std::string words_details(const Json& summary);

}  // namespace walsoak::report
