// Lines that name the process whose listing follows, as a loop over processes prints them: "4711",
// "== 4711 ==", "pid 4711", "4711 /usr/bin/python3 app.py", "python3[4711]".
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace walsoak::watch {

// By the line's number, from 1. A number alone counts only where rows without a pid follow it, where the
// times of the text, if any, are no rounds of a loop that waits, and where the numbers are neither counts of
// the rows that follow nor 1, 2, 3.
std::map<std::size_t, std::int64_t> pid_lines_of(std::string_view text);

}  // namespace walsoak::watch
