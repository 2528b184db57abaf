#include "harness/report/markdown.h"

#include <fmt/format.h>

#include <algorithm>

namespace walsoak::report {

std::string escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '|':
        result += "\\|";
        break;
      case '<':
        result += "&lt;";
        break;
      case '\n':
      case '\r':
        result += ' ';
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string Table::text(std::size_t most) const {
  std::string result = "|";
  for (const std::string& column : columns_) result += " " + escaped(column) + " |";
  result += "\n|";
  for (std::size_t i = 0; i < columns_.size(); ++i) result += "---|";
  result += "\n";
  for (std::size_t i = 0; i < std::min(most, rows_.size()); ++i) {
    result += "|";
    for (const std::string& value : rows_[i]) result += " " + escaped(value) + " |";
    result += "\n";
  }
  if (rows_.size() > most) {
    result += fmt::format("\n{} of {} rows are shown; all stand in `summary.json`.\n", most, rows_.size());
  }
  return result;
}

std::string bullets(const std::vector<std::string>& items, std::size_t most) {
  std::string result;
  for (std::size_t i = 0; i < std::min(most, items.size()); ++i) result += "- " + items[i] + "\n";
  if (items.size() > most) result += fmt::format("- and {} more, in `summary.json`\n", items.size() - most);
  return result;
}

}  // namespace walsoak::report
