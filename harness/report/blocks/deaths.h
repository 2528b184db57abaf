// Report text about unordered deaths of processes. Pure functions of the summary.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// "worker w0003 (pid 4711) died at tick 12: killed by SIGSEGV; last line of its stderr: "..." (and 3 more
// deaths)"; "" where nothing died.
std::string deaths_text(const Json& cell);

// One such line a cell of an unfolded summary, in Markdown, at most `most` and one that counts the rest.
std::vector<std::string> death_lines(const Json& summary, std::size_t most);

}  // namespace walsoak::report
