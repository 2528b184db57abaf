#include "harness/report/blocks/repros.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/repro/scripts.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

struct SeenMechanism {
  std::string name;
  std::size_t worst;  // harm_rank of the cells that showed it
  std::size_t cells;
};

// What goes with the worst finding first; of these, what fewest cells show, since that is what sets them
// apart.
std::vector<SeenMechanism> mechanisms_seen(const Json& summary) {
  std::vector<SeenMechanism> seen;
  for (const Json& cell : summary.at("cells")) {
    const std::size_t rank = harm_rank(cell.value("finding", std::string{}));
    for (const Json& mechanism : cell.value("mechanisms", Json::array())) {
      const std::string name = shown(mechanism.at("name"));
      auto one = std::find_if(seen.begin(), seen.end(), [&](const auto& told) { return told.name == name; });
      if (one == seen.end()) one = seen.insert(seen.end(), {name, rank, 0});
      one->worst = std::min(one->worst, rank);
      ++one->cells;
    }
  }
  std::stable_sort(seen.begin(), seen.end(), [](const SeenMechanism& a, const SeenMechanism& b) {
    return std::pair(a.worst, a.cells) < std::pair(b.worst, b.cells);
  });
  return seen;
}

}  // namespace

std::string repros_section(const Json& summary, std::size_t most_in_full) {
  std::string commands, scripts;
  std::size_t in_full = 0;
  for (const SeenMechanism& seen : mechanisms_seen(summary)) {
    const std::string hyphenated = repro::hyphenated(seen.name);
    const repro::Script* const script = repro::find(hyphenated, "python");
    if (script == nullptr) continue;
    commands += fmt::format("- {}: `walsoak repro {} | python3 -I -`\n", seen.name, hyphenated);
    if (in_full++ >= most_in_full) continue;
    scripts += "\n" + details(hyphenated + ".py", fmt::format("```python\n{}```\n", script->text));
  }
  if (commands.empty()) return {};
  return "## Without walsoak\n\nEach of these scripts shows a mechanism that was seen here, and its control, "
         "in a "
         "temporary folder of its own; exit 0: reproduced.\n\n" +
         commands + scripts;
}

}  // namespace walsoak::report
