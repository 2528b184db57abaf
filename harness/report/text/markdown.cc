#include "harness/report/text/markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/base/escape/escape.h"

namespace walsoak::report {

std::string clipped(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  const auto continues = [&](std::size_t at) { return (text[at] & 0xC0) == 0x80; };
  while (most > 0 && continues(most)) --most;
  constexpr std::size_t kLongestReference = 8;  // "&#8203;"
  const std::size_t reference = text.substr(0, most).rfind('&');
  if (reference != std::string_view::npos && most - reference < kLongestReference &&
      text.substr(reference, most - reference).find(';') == std::string_view::npos) {
    most = reference;
  }
  return std::string(text.substr(0, most)) + "...";
}

std::string Table::fold() {
  if (rows_.size() < 2) return {};
  std::string said;
  for (std::size_t column = columns_.size(); column-- > 1;) {
    const std::string value = rows_.front()[column];
    const bool same =
        std::all_of(rows_.begin(), rows_.end(), [&](const auto& row) { return row[column] == value; });
    if (!same) continue;
    const std::string one = columns_[column] + " " + clipped(value, kLongestValue);
    said = said.empty() ? one : one + ", " + said;
    const auto at = static_cast<std::ptrdiff_t>(column);
    columns_.erase(columns_.begin() + at);
    for (auto& row : rows_) row.erase(row.begin() + at);
  }
  return said.empty() ? "" : "The same in every row: " + said + ".";
}

std::string Table::text(std::size_t most, std::size_t longest_value) const {
  std::string result = "|";
  for (const std::string& column : columns_) result += " " + column + " |";
  result += "\n|";
  for (std::size_t i = 0; i < columns_.size(); ++i) result += "---|";
  result += "\n";
  for (std::size_t i = 0; i < std::min(most, rows_.size()); ++i) {
    result += "|";
    for (const std::string& value : rows_[i]) result += " " + clipped(value, longest_value) + " |";
    result += "\n";
  }
  if (rows_.size() > most) {
    result += fmt::format("\n{} of {} rows are shown; all stand in `summary.json`.\n", most, rows_.size());
  }
  return result;
}

std::string folded(Table table, std::size_t most_rows) {
  const std::string said = table.fold();
  return (said.empty() ? "" : said + "\n\n") + table.text(most_rows);
}

std::string bullets(const std::vector<std::string>& items, std::size_t most) {
  std::string result;
  for (std::size_t i = 0; i < std::min(most, items.size()); ++i) result += "- " + items[i] + "\n";
  if (items.size() > most) result += fmt::format("- and {} more, in `summary.json`\n", items.size() - most);
  return result;
}

std::string details(std::string_view title, const std::string& body) {
  if (body.empty()) return {};
  // Without the empty lines GitHub takes the body for HTML.
  return fmt::format("<details><summary>{}</summary>\n\n{}\n</details>\n", escape::html(title), body);
}

std::string without_marks(std::string sentence) {
  for (std::size_t at = 0; (at = sentence.find("**", at)) != std::string::npos;) sentence.erase(at, 2);
  return sentence;
}

}  // namespace walsoak::report
