// Carries out one cell, in lockstep or free-running as its settings say, and writes all of it to its stream.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/os/run_folder.h"
#include "harness/scenario/scenario.h"

namespace walsoak::run {

// Who follows a cell while it runs; called on the thread that runs it.
struct Listener {
  // After each tick: how many of how many are done.
  std::function<void(std::int64_t done, std::int64_t of)> on_tick;
  // Each line of the stream, once it is written; may be empty.
  std::function<void(const nlohmann::ordered_json& line)> on_line;
  // Asked after each sample: why the cell should end now, in good order, or "" to go on; may be empty.
  std::function<std::string()> end_now;
};

// Runs the cell in `folder`, from its first line to its end line. Throws Failed, Refused, Stopped or
// std::system_error; the stream then has no end line, and every process of the cell has ended. Several cells
// may run at a time, each on a thread of its own.
void run_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);
void run_lockstep_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);
void run_free_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);

// Where a cell keeps its boards, logs and copies, and where its stream is; relative to the run folder.
std::filesystem::path cell_folder(const std::string& cell);
std::filesystem::path cell_stream(const std::string& cell);

}  // namespace walsoak::run
