// Carries out one cell: seeds its boards, starts its subject, orders its steps one at a time, samples between
// them, checks its data at the end, and writes all of it to the cell's stream.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/os/run_folder.h"
#include "harness/scenario/scenario.h"

namespace walsoak::run {

// After each tick: how many of how many are done.
using TickProgress = std::function<void(std::int64_t done, std::int64_t of)>;

// Runs the cell in `folder`, from its first line to its end line. Throws Failed, Refused, Stopped or
// std::system_error; the stream then has no end line, and every process of the cell has ended.
void run_cell(const scenario::Cell& cell, const os::RunFolder& folder, const TickProgress& on_tick);

// Where a cell keeps its boards, logs and copies, and where its stream is; relative to the run folder.
std::filesystem::path cell_folder(const std::string& cell);
std::filesystem::path cell_stream(const std::string& cell);

}  // namespace walsoak::run
