// Repeats of a cell as one row: what tables, sentences and terminal show of a run whose cells were carried
// out several times. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// The summary with one cell a point, by the name of the first repeat: metrics are medians (the lower of two
// in the middle), null where some repeat does not know it; the verdict is the worst, unknown before fail
// before pass; evidence, mechanisms and errors are of the first repeat with the worst finding. Each has
// `repeats`, how many, and `found`, "3 of 3 churn". A run without repeats comes back as it is.
Json folded(const Json& summary);

// A sentence for each point whose repeats did not find the same, with the cells that found it. `summary` is
// the whole one.
std::vector<std::string> disagreements(const Json& summary);

// "once", "3 times" or "1 to 3 times", of a folded summary.
std::string times_text(const Json& summary);

}  // namespace walsoak::report
