#include "harness/report/text/shared_lines.h"

#include <fmt/format.h>

#include "harness/report/text/markdown.h"

namespace walsoak::report {

void SharedLines::add(const Json& cell, const std::string& text) {
  const auto [place, is_new] = places_.try_emplace(text, lines_.size());
  if (is_new) lines_.push_back({text, {}});
  std::vector<std::string>& cells = lines_[place->second].second;
  if (const std::string name = name_of(cell); cells.empty() || cells.back() != name) cells.push_back(name);
}

void SharedLines::add(const Json& cell, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) add(cell, text);
}

std::vector<std::string> SharedLines::lines() const {
  std::vector<std::string> result;
  for (const auto& [text, cells] : lines_) {
    result.push_back(fmt::format("{}: {}", listed_cells(cells), clipped(text, kLongestValue)));
  }
  return result;
}

}  // namespace walsoak::report
