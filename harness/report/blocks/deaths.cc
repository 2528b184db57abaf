#include "harness/report/blocks/deaths.h"

#include <fmt/format.h>

#include "harness/report/text/markdown.h"

namespace walsoak::report {

std::string deaths_text(const Json& cell) {
  const Json deaths = cell.value("deaths", Json());
  return deaths.is_object() ? deaths.at("text").get<std::string>() : std::string();
}

std::vector<std::string> death_lines(const Json& summary, std::size_t most) {
  std::vector<std::string> lines;
  std::size_t cells = 0;
  for (const Json& cell : summary.at("cells")) {
    const std::string text = deaths_text(cell);
    if (text.empty() || ++cells > most) continue;
    lines.push_back(fmt::format("**Unordered death** in {}: {}.", name_of(cell), text));
  }
  if (cells > most) {
    lines.push_back(
        fmt::format("**Unordered deaths** in {} more cells; `summary.json` has them.", cells - most));
  }
  return lines;
}

}  // namespace walsoak::report
