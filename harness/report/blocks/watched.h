// What a report says of a process that walsoak did not start: what was watched, how long, how often, what
// grew; and what nobody looked at.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// Whether the run is one of `walsoak watch`.
bool is_watch(const Json& summary);

// The answer, without marks: the finding of each segment, with the number behind it where there is one
// segment.
std::string watch_answer(const Json& summary);
// The lines below it: what was watched, how long and how often, what grew, which mechanisms were seen.
std::vector<std::string> watch_lines(const Json& summary);

// The segments and the databases as tables, and the limits of what was seen.
std::string segments_section(const Json& summary, std::size_t most_rows);
std::string databases_section(const Json& summary, std::size_t most_rows);
std::string watch_limits_section(const Json& summary);

// What the words of such a report mean, a line each.
std::vector<std::string> watch_words();

// Answer and lines for a terminal.
std::string watch_text(const Json& summary);

}  // namespace walsoak::report
