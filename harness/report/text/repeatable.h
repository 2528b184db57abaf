// The command line that repeats a run on another machine: its settings, without paths of this machine. A
// pure function.
#pragma once

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// The same summary, its `command` with the program's name alone, without the options that say where results
// go and how they are shown (--out, --junit, --quiet, --keep), and with scenarios of a folder `scenarios` as
// a checkout has them: walsoak run scenarios/quick.json --set ticks=600.
Json repeatable(Json summary);

}  // namespace walsoak::report
