#include "harness/evidence/record/stream_writer.h"

#include <string>
#include <system_error>

namespace walsoak::record {

using nlohmann::ordered_json;

StreamWriter::StreamWriter(const os::RunFolder& folder, const std::filesystem::path& path)
    : path_(folder.inside(path).string()), file_(folder.open_for_append(path)) {}

void StreamWriter::append(const ordered_json& line) {
  const std::string text = line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
  try {
    os::write_all(file_.get(), text.data(), text.size());
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), path_);
  }
}

}  // namespace walsoak::record
