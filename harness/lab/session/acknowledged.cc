#include "harness/lab/session/acknowledged.h"

#include <map>
#include <set>
#include <sstream>

#include "harness/base/os/run_folder.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

Message as_ranges(const std::set<std::int64_t>& numbers) {
  Message ranges = Message::array();
  for (const std::int64_t number : numbers) {
    if (!ranges.empty() && ranges.back()[1] == number - 1) {
      ranges.back()[1] = number;
    } else {
      ranges.push_back({number, number});
    }
  }
  return ranges;
}

}  // namespace

Message read_acknowledged(const std::filesystem::path& folder, const std::vector<std::string>& boards) {
  std::map<std::string, std::map<std::string, std::set<std::int64_t>>> rows;  // board, writer
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string text = os::read_file(entry.path());
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n'));
    std::istringstream words(text);
    std::string board, writer;
    for (std::int64_t seq; words >> board >> writer >> seq;) rows[board][writer].insert(seq);
  }
  Message result = Message::array();
  for (const std::string& board : boards) {
    Message by_writer = Message::object();
    for (const auto& [writer, numbers] : rows[board]) by_writer[writer] = as_ranges(numbers);
    result.push_back({{"board", board}, {"ok", true}, {"rows", std::move(by_writer)}});
  }
  return result;
}

}  // namespace walsoak::lab
