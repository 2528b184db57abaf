#include "harness/report/repro/scripts.h"

#include <algorithm>

namespace walsoak::repro {

std::vector<std::string_view> mechanisms() {
  std::vector<std::string_view> names;
  for (const Script& script : scripts()) {
    if (names.empty() || names.back() != script.mechanism) names.push_back(script.mechanism);
  }
  return names;
}

std::vector<std::string_view> languages(std::string_view mechanism) {
  std::vector<std::string_view> found;
  for (const Script& script : scripts()) {
    if (script.mechanism == mechanism) found.push_back(script.language);
  }
  return found;
}

const Script* find(std::string_view mechanism, std::string_view language) {
  for (const Script& script : scripts()) {
    if (script.mechanism == mechanism && script.language == language) return &script;
  }
  return nullptr;
}

std::string_view summary(const Script& script) {
  const std::string_view line = script.text.substr(0, script.text.find('\n'));
  return line.substr(line.find(": ") + 2);
}

std::string hyphenated(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

}  // namespace walsoak::repro
