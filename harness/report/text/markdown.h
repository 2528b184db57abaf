// Parts of a Markdown report: tables, lists, folded parts. Texts come escaped already
// (harness/base/escape/escape.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::report {

// At most `most` bytes and "..." for what was cut off, never in the middle of a character or a character
// reference.
std::string clipped(std::string_view text, std::size_t most);

// No value of a table is longer than that, where nothing else is asked for.
inline constexpr std::size_t kLongestValue = 400;

class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  // One value a column; clipped here.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }

  // Takes out the columns, but for the first, that say the same in every one of two or more rows, so that the
  // table fits a page. Returns what they said: "The same in every row: verdict pass, lost commits 0.", or "".
  std::string fold();

  // At most `most` rows, with a line that says how many were left out and where they stand.
  std::string text(std::size_t most, std::size_t longest_value = kLongestValue) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// The table folded: its sentence, then what is left of it.
std::string folded(Table table, std::size_t most_rows);

// A list, at most `most` items, with one that says how many more there are.
std::string bullets(const std::vector<std::string>& items, std::size_t most);

// A part that is shown when it is asked for; "" where there is no body. `title` is plain text.
std::string details(std::string_view title, const std::string& body);

// A sentence without the ** of its bold words, for a terminal.
std::string without_marks(std::string sentence);

}  // namespace walsoak::report
