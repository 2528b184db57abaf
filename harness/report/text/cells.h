// The tables of a report: every cell with its finding and numbers, and what the data looked like where it was
// harmed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/report/text/groups.h"
#include "harness/report/text/phrases.h"

namespace walsoak::report {

// "+12/+12/0": how main (net of parked), -wal and -shm descriptors grew after warm-up.
std::string growth_text(const Json& cell);
std::string mechanisms_text(const Json& cell);
// "12 x 522 disk I/O error (PRAGMA journal_mode, in dispatch)", the most frequent first.
std::vector<std::string> errors_text(const Json& cell, std::size_t most);

// Whether the rows or the passes of a cell were harmed, seen from anywhere.
bool amiss(const Json& cell);

// One row a cell; what is the same in all of them in a sentence. A `*` marks controls.
std::string cells_table(const ScenarioCells& cells, std::size_t most_rows);
// One row for each outcome, for runs of many cells: which cells, where, and between what their numbers lie.
std::string outcomes_table(const ScenarioCells& cells, std::size_t most_rows);

// Acknowledged rows as seen inside, outside and in the final copy, for cells where something is amiss: a row
// for each way in which it is. "" if none is.
std::string data_section(const Json& summary, std::size_t most_rows);

}  // namespace walsoak::report
