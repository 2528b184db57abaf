// Appends to the stream of a cell (docs/record.md): every line is on its way to the disk before the next
// begins, so that a run which is killed leaves a readable stream.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/run_folder.h"

namespace walsoak::record {

// Belongs to one thread at a time.
class StreamWriter {
 public:
  // `path` is relative to the run folder or inside it. Throws std::runtime_error where it is not, and
  // std::system_error where the file cannot be opened.
  StreamWriter(const os::RunFolder& folder, const std::filesystem::path& path);

  // Writes the object as one line with one write(2). Bytes that are no UTF-8 are replaced.
  // Throws std::system_error naming the file (a full disk).
  void append(const nlohmann::ordered_json& line);

 private:
  const std::string path_;
  os::Descriptor file_;
};

}  // namespace walsoak::record
