// Reads the stream of a cell line by line, in the memory of one line however long the run was. A last line
// that was cut off by a SIGKILL is no error: the cell was interrupted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

namespace walsoak::record {

inline constexpr int kStreamVersion = 1;

struct StreamEnd {
  std::size_t lines = 0;     // that were handed on
  bool interrupted = false;  // there is no `end` line
  bool cut_off = false;      // the last line is only a part, and was left out
  std::uint64_t bytes = 0;   // that were read: of a stream that is cut off, where
};

// Hands every line to `on_line` in order. Throws std::runtime_error naming file and line where a line that is
// not the cut-off last one is no object with a `type`, or where the first is no header of this version; and
// std::system_error where the file cannot be read.
StreamEnd read_stream(const std::filesystem::path& path,
                      const std::function<void(const nlohmann::ordered_json&)>& on_line);

}  // namespace walsoak::record
