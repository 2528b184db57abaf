// What a report says of a process that walsoak did not start: what was watched, how long, how often, what
// grew; and what nobody looked at.
#pragma once

#include <string>
#include <vector>

#include "harness/report/phrases.h"

namespace walsoak::report {

// Whether the run is one of `walsoak watch`.
bool is_watch(const Json& summary);

// The first lines of the report, a sentence or more each.
std::vector<std::string> watch_sentences(const Json& summary);

// The segments and the databases as tables, and the limits of what was seen.
std::string segments_section(const Json& summary, std::size_t most_rows);
std::string databases_section(const Json& summary, std::size_t most_rows);
std::string watch_limits_section(const Json& summary);

// The same sentences for a terminal, a line each.
std::string watch_text(const Json& summary);

}  // namespace walsoak::report
