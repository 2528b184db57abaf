#include "harness/evidence/record/stream_reader.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace walsoak::record {
namespace {

using nlohmann::ordered_json;

[[noreturn]] void fail(const std::filesystem::path& path, std::size_t line, std::string_view why) {
  throw std::runtime_error(fmt::format("{}:{}: {}", path.string(), line, why));
}

bool has_type(const ordered_json& line) {
  return line.is_object() && line.contains("type") && line["type"].is_string();
}

void check_header(const std::filesystem::path& path, const ordered_json& line) {
  if (line["type"] != "header") fail(path, 1, "the first line of a stream is its header; this is none");
  const auto version = line.find("schema_version");
  if (version == line.end() || *version != kStreamVersion) {
    fail(path, 1,
         fmt::format("schema_version {}, but this program reads {}",
                     version == line.end() ? "is missing" : version->dump(), kStreamVersion));
  }
}

}  // namespace

StreamEnd read_stream(const std::filesystem::path& path,
                      const std::function<void(const ordered_json&)>& on_line) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::system_error(errno, std::generic_category(), path.string());
  StreamEnd end;
  end.interrupted = true;
  std::string text;
  while (std::getline(file, text)) {
    const bool whole = !file.eof();  // getline stopped at a newline
    end.bytes += text.size() + (whole ? 1 : 0);
    const ordered_json line = ordered_json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!has_type(line)) {
      if (whole) fail(path, end.lines + 1, "no JSON object with a type; the stream is damaged");
      end.cut_off = true;
      break;
    }
    if (end.lines == 0) check_header(path, line);
    ++end.lines;
    if (line["type"] == "end") end.interrupted = false;
    on_line(line);
  }
  if (file.bad()) throw std::system_error(errno, std::generic_category(), path.string());
  return end;
}

}  // namespace walsoak::record
