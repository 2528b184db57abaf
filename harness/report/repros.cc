#include "harness/report/repros.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/repro/scripts.h"

namespace walsoak::report {
namespace {

// The mechanisms in the order in which the cells name them, each once.
std::vector<std::string> mechanisms_seen(const Json& summary) {
  std::vector<std::string> names;
  for (const Json& cell : summary.at("cells")) {
    const Json mechanisms = cell.value("mechanisms", Json::array());
    for (const Json& mechanism : mechanisms) {
      std::string name = shown(mechanism.at("name"));
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
  }
  return names;
}

}  // namespace

std::string repros_section(const Json& summary, bool in_full) {
  std::string text;
  for (const std::string& name : mechanisms_seen(summary)) {
    const std::string hyphenated = repro::hyphenated(name);
    const repro::Script* const script = repro::find(hyphenated, "python");
    if (script == nullptr) continue;
    text += fmt::format("\n- {}: `walsoak repro {} | python3 -`\n", name, hyphenated);
    if (!in_full) continue;
    text += fmt::format("\n  <details><summary>{}.py</summary>\n\n```python\n{}```\n\n  </details>\n",
                        hyphenated, script->text);
  }
  if (text.empty()) return {};
  return "## Without walsoak\n\nEach of these scripts shows a mechanism that was seen here, and its control, "
         "in a "
         "temporary folder of its own; exit 0: reproduced.\n" +
         text;
}

}  // namespace walsoak::report
