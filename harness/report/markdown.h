// The few pieces of Markdown that a report is made of.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::report {

// Text that cannot break out of a table cell or a list item: pipes escaped, line breaks and tags taken away.
std::string escaped(std::string_view text);

class Table {
 public:
  explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

  // One value a column; escaped here.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  bool empty() const { return rows_.empty(); }

  // At most `most` rows, with a line that says how many were left out and where they stand.
  std::string text(std::size_t most) const;

 private:
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// A list, at most `most` items, with one that says how many more there are.
std::string bullets(const std::vector<std::string>& items, std::size_t most);

}  // namespace walsoak::report
