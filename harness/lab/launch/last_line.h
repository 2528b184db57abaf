// The last line that a program wrote before it ended: its last words, fit for a message, a stream and a
// report.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace walsoak::lab {

// The last line that is not blank; "" where there is none.
std::string last_line(std::string_view text);

// The same of a file, of which the last 4 KiB are read; "" where it cannot be read. Control characters become
// blanks, bytes that are no UTF-8 U+FFFD, and a long line is cut.
std::string last_line_of(const std::filesystem::path& file);

}  // namespace walsoak::lab
