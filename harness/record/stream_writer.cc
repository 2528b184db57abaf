#include "harness/record/stream_writer.h"

#include <string>

namespace walsoak::record {

using nlohmann::ordered_json;

StreamWriter::StreamWriter(const os::RunFolder& folder, const std::filesystem::path& path)
    : file_(folder.open_for_append(path)) {}

void StreamWriter::append(const ordered_json& line) {
  const std::string text = line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  os::write_all(file_.get(), text.data(), text.size());
}

}  // namespace walsoak::record
