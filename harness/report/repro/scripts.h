// The scripts that show a mechanism and its control without walsoak, as scripts/repro/ had them when this was
// built. They are part of the program, so that it can print them wherever it is.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::repro {

struct Script {
  std::string_view mechanism;  // with hyphens
  std::string_view language;   // "python" or "c"
  std::string_view text;
};

// In the order of the mechanisms' names; of one mechanism, Python comes first.
std::span<const Script> scripts();

// The names, each once.
std::vector<std::string_view> mechanisms();

// The languages that there is a script of this mechanism in; empty for an unknown name.
std::vector<std::string_view> languages(std::string_view mechanism);

// Null where there is none.
const Script* find(std::string_view mechanism, std::string_view language);

// What the first line of its head says of it.
std::string_view summary(const Script& script);

// The name as scripts have it: reports and summaries write "split generation".
std::string hyphenated(std::string name);

}  // namespace walsoak::repro
