// What is wrong with a scenario, told in one line: where, what, and what would be valid instead.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace walsoak::scenario {

// what() is always a single line; control characters in it are made visible (harness/base/escape/escape.h).
class ScenarioError : public std::runtime_error {
 public:
  explicit ScenarioError(std::string_view line);
};

// Where a value was written: a file and the JSON pointer in it, or an option of the command line and no
// pointer.
struct Place {
  std::string source;
  std::string pointer;

  Place at(std::string_view key) const;
  Place at(std::size_t index) const;

  // Throws "<source>: <pointer>: <wrong>; <valid>"; the pointer to a whole document is left out.
  [[noreturn]] void fail(std::string_view wrong, std::string_view valid) const;
};

}  // namespace walsoak::scenario
