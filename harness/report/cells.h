// The tables of a report: every cell with its finding and numbers, and what the data looked like where it was
// harmed.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "harness/report/phrases.h"

namespace walsoak::report {

// "+12/+12/0": how main (net of parked), -wal and -shm descriptors grew after warm-up.
std::string growth_text(const Json& cell);
std::string mechanisms_text(const Json& cell);
// "12 x 522 disk I/O error (PRAGMA journal_mode, in dispatch)", the most frequent first.
std::vector<std::string> errors_text(const Json& cell, std::size_t most);

// Acknowledged rows as seen inside, outside and in the final copy, for cells where something is amiss; "" if
// none is.
std::string data_section(const Json& summary, std::size_t most_rows);
// One row a cell.
std::string cells_table(const Json& summary, std::size_t most_rows);
// The numbers behind findings and mechanisms; "" if all cells are clean.
std::string evidence_section(const Json& summary, std::size_t most_rows);
// Reasons of verdicts that are not pass; "" if all are.
std::string reasons_section(const Json& summary, std::size_t most_rows);
// Where the three ledgers parted, or could not be compared; "" if they agree everywhere.
std::string ledgers_section(const Json& summary, std::size_t most_rows);
// Cells that stand as controls of the run; "" if there is none.
std::string controls_section(const Json& summary, std::size_t most_rows);

}  // namespace walsoak::report
