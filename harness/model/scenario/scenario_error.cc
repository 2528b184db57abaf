#include "harness/model/scenario/scenario_error.h"

#include <fmt/format.h>

#include "harness/base/escape/escape.h"

namespace walsoak::scenario {

ScenarioError::ScenarioError(std::string_view line) : std::runtime_error(escape::visible(line)) {}

Place Place::at(std::string_view key) const {
  Place inner{source, pointer + '/'};
  for (const char c : key) {  // RFC 6901: ~ and / are written ~0 and ~1
    if (c == '~') {
      inner.pointer += "~0";
    } else if (c == '/') {
      inner.pointer += "~1";
    } else {
      inner.pointer += c;
    }
  }
  return inner;
}

Place Place::at(std::size_t index) const {
  return {source, fmt::format("{}/{}", pointer, index)};
}

void Place::fail(std::string_view wrong, std::string_view valid) const {
  throw ScenarioError(
      fmt::format("{}: {}{}{}; {}", source, pointer, pointer.empty() ? "" : ": ", wrong, valid));
}

}  // namespace walsoak::scenario
