// The run folder of a watch: run.json, summary.json and report.md beside the streams of its segments. Good at
// any moment, so that `walsoak report` can be called while the watch goes on, and after a SIGKILL.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/os/run_folder.h"
#include "harness/field/watch/segment.h"

namespace walsoak::watch {

class WatchRecord {
 public:
  // Creates the folder. Throws Refused where it is there and not empty, or cannot be made.
  WatchRecord(const std::filesystem::path& folder, std::vector<std::string> command,
              const os::ProcessEntry& first);

  const os::RunFolder& folder() const { return folder_; }
  // w01, w02, ...
  std::string next_cell() const;
  // Of a segment that has ended: kept as its summary alone.
  void keep(const Segment& ended);
  // Writes run.json and summary.json; `current` may be null. Returns the summary. Throws std::system_error.
  nlohmann::ordered_json save(const std::string& state, const Segment* current, int exit_code = 0);
  void write_report(const std::string& markdown);

 private:
  os::RunFolder folder_;
  std::vector<std::string> command_;
  std::string title_, started_;
  nlohmann::ordered_json environment_;
  std::vector<nlohmann::ordered_json> runs_;
  std::vector<judgement::CellSummary> summaries_;
};

}  // namespace walsoak::watch
