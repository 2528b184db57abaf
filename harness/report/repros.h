// The scripts that show the mechanisms of a run without walsoak: what a reader of the report can paste and
// run.
#pragma once

#include <string>

#include "harness/report/phrases.h"

namespace walsoak::report {

// A script for each mechanism that was seen in some cell, in full or by the command that prints it; "" where
// none was seen.
std::string repros_section(const Json& summary, bool in_full);

}  // namespace walsoak::report
