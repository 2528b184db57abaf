// What to do at once, and what would settle an open diagnosis, for the process at hand: on macOS there is no
// /proc, into a static program nothing can be preloaded, and a container has its own pids and files.
#pragma once

#include <string>

#include "harness/judgement/diagnosis/diagnosis_parts.h"

namespace walsoak::judgement {

struct NextStep {
  std::string command, why;  // empty where nothing is left to settle
};

// `so_far` has its standing and questions.
NextStep next_step(const facts::ProcessHistory& evidence, const Circumstances& circumstances,
                   const Parts& parts, const Diagnosis& so_far);

// One sentence without its full stop.
std::string do_now(const Diagnosis& so_far, const Circumstances& circumstances);

}  // namespace walsoak::judgement
