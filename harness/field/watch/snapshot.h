// A few samples of a process, one after the other, as lines of a stream in memory: nothing is written.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "harness/field/watch/stream_lines.h"

namespace walsoak::watch {

struct GlancePlan {
  pid_t pid = 0;
  double for_s = 2;  // the last sample comes when this is over; the first at once
  Manner manner = {.every_s = 1};
};

// Header, samples with their events, end. Call os::note_stop_signals() first. Throws Refused where there
// is no such process, Failed where it may not be looked into, Stopped at a signal.
std::vector<nlohmann::ordered_json> glance_at(const GlancePlan& plan);

}  // namespace walsoak::watch
