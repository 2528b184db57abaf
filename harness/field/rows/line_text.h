// Lines of a pasted text without what terminals, chats and mail put around them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace walsoak::watch {

// Without colours, carriage return, quote marks ("> "), a list's mark, and white space at both ends; "" for a
// fence (```) and for an empty line.
std::string clean_line(std::string_view line);

// Without any of these characters at both ends; a view into `text`.
std::string_view stripped(std::string_view text, std::string_view characters);

struct Token {
  std::string_view text;
  std::size_t at;  // its offset in the line
};

// Words parted by blanks and tabs; views into `line`.
std::vector<Token> tokens_of(std::string_view line);

// Digits alone, at least one, and no number beyond 18 of them.
bool is_number(std::string_view text);
// Of such digits. Defined for is_number() only.
std::int64_t number_of(std::string_view text);

// Characters as a terminal counts them: code points of UTF-8.
std::size_t width_of(std::string_view line);

}  // namespace walsoak::watch
