// The scripts that show the mechanisms of a run without walsoak: what a reader of the report can paste and
// run.
#pragma once

#include <cstddef>
#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// A script for each mechanism that was seen in some cell, those of the worst findings first: so many in full,
// the others by the command that prints them; "" where none was seen.
std::string repros_section(const Json& summary, std::size_t most_in_full);

}  // namespace walsoak::report
