// What stands around the numbers: the command that repeats them, where it was run, and what they do not show.
#pragma once

#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// The command line, quoted for a shell, and in one sentence where it was run.
std::string repeat_section(const Json& summary);
// The whole environment block as a table, without the names of host, user and home; "" where there is none.
std::string environment_details(const Json& summary);
std::string limits_section(const Json& summary);

}  // namespace walsoak::report
