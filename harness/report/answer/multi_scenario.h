// A run of several scenarios: each of them is a question of its own, with its own control, so each is told by
// itself.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "harness/report/text/groups.h"

namespace walsoak::report {

// "All 12 scenarios came out as they expect (48 cells): data loss in 2 of them and leak in 3." Not escaped.
std::string several_answer(const Json& summary, const std::vector<ScenarioCells>& scenarios);

// A row a scenario: its title of `titles`, and what its cells found where. For runs of more than one.
std::string scenarios_section(const std::vector<ScenarioCells>& scenarios,
                              const std::map<std::string, std::string>& titles, std::size_t most_rows);

}  // namespace walsoak::report
