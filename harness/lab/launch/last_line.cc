#include "harness/lab/launch/last_line.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace walsoak::lab {
namespace {

constexpr std::streamoff kTailBytes = 4096;
constexpr std::size_t kLongestLine = 240;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

// The JSON library knows well-formed UTF-8; what is none it replaces, also what the cuts left of a character.
std::string well_formed(const std::string& text) {
  using Json = nlohmann::json;
  return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

}  // namespace

std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  if (end == std::string_view::npos) return {};
  const std::size_t before = text.find_last_of('\n', end);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return std::string(text.substr(begin, end + 1 - begin));
}

std::string last_line_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return {};
  in.seekg(-std::min<std::streamoff>(in.tellg(), kTailBytes), std::ios::end);
  std::string line = last_line(std::string(std::istreambuf_iterator<char>(in), {}));
  std::replace_if(line.begin(), line.end(), is_control, ' ');
  line.erase(0, line.find_first_not_of(' '));
  if (line.size() > kLongestLine) line = line.substr(0, kLongestLine) + "...";
  return well_formed(line);
}

}  // namespace walsoak::lab
