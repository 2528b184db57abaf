// Texts that tell of locks, calls, sizes or counts instead of open files: what they are, and the one command
// whose output would do.
#pragma once

#include <string>
#include <string_view>

namespace walsoak::watch {

// One line without a place in the text: "strace's calls, and no open files: ...". For a text of no known kind
// the command alone.
std::string instead_of(std::string_view text);

}  // namespace walsoak::watch
