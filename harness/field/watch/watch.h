// Watches a process that walsoak did not start, until it ends, the time is over or a signal comes: all of
// these are normal ends. A process found by a pattern is awaited again when it has ended.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/escape/progress.h"
#include "harness/field/watch/segment.h"

namespace walsoak::watch {

struct WatchPlan {
  std::optional<pid_t> pid;     // this one,
  std::string name;             // or the one that this pattern matches
  std::optional<double> for_s;  // without it until the process ends; with a pattern until a signal
  Manner manner;
  std::optional<std::filesystem::path> out;  // default: walsoak-runs/watch-<UTC time>
  std::vector<std::string> command;          // as it was typed, for the record
  // The text of report.md, from the summary of a watch that has ended; empty: no report is written.
  std::function<std::string(const nlohmann::ordered_json& summary)> report;
  escape::Progress::Style progress;
};

struct WatchResult {
  std::filesystem::path folder;
  nlohmann::ordered_json summary;
};

// Call os::note_stop_signals() first. Throws Refused (no such process, several, a folder that is taken:
// nothing was written) and Failed (may not be looked into, or could not be recorded: what was seen so
// far is on disk).
WatchResult watch_process(const WatchPlan& plan);

}  // namespace walsoak::watch
