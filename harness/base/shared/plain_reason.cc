#include "harness/base/shared/plain_reason.h"

#include <stdexcept>
#include <string_view>

namespace walsoak {

std::string plain_reason(const std::exception& error) {
  std::string text = error.what();
  constexpr std::string_view kMark = "[json.exception.";
  for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark)) {
    const std::size_t end = text.find("] ", at);
    text.erase(at, end == std::string::npos ? kMark.size() : end + 2 - at);
  }
  // std::out_of_range names no key: whatever was looked up, walsoak should have checked it.
  if (dynamic_cast<const std::out_of_range*>(&error) != nullptr) return "internal error (" + text + ")";
  return text;
}

}  // namespace walsoak
