// Who follows a running cell, and where in the run folder a cell keeps its files.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::lab {

// Who follows a cell while it runs; called on the thread that runs it.
struct Listener {
  // After each tick: how many of how many are done.
  std::function<void(std::int64_t done, std::int64_t of)> on_tick;
  // Each line of the stream, once it is written; may be empty.
  std::function<void(const nlohmann::ordered_json& line)> on_line;
  // Asked after each sample: why the cell should end now, in good order, or "" to go on; may be empty.
  std::function<std::string()> end_now;
};

// Where a cell keeps its boards, logs and copies, and where its stream is; relative to the run folder.
std::filesystem::path cell_folder(const std::string& cell);
std::filesystem::path cell_stream(const std::string& cell);

}  // namespace walsoak::lab
