// What stands around the numbers: environment, the command that repeats them, and what they do not show.
#pragma once

#include <string>

#include "harness/report/phrases.h"

namespace walsoak::report {

// A table of the environment block, without the names of host, user and home.
std::string environment_section(const Json& summary);
// The command line, quoted for a shell.
std::string repeat_section(const Json& summary);
std::string limits_section(const Json& summary);

}  // namespace walsoak::report
