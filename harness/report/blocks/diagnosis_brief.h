// A diagnosis in four lines: what is seen, what it means, what to do now, what would settle it.
#pragma once

#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// Of a cell of the document of docs/record.md, "A diagnosis", whose texts are escaped; each line ends with a
// line feed and none is wrapped, so that a command can be copied.
std::string brief_lines(const Json& cell);

}  // namespace walsoak::report
