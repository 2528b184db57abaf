// Plain text in columns, for terminals and logs.
#pragma once

#include <string>
#include <vector>

namespace walsoak::report {

// Rows of the same number of texts, at least one row: columns aligned on the left by characters (not bytes),
// two blanks between them, a newline after each row.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

}  // namespace walsoak::report
