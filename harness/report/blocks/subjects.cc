#include "harness/report/blocks/subjects.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

// The settings but `subject`, as a key that pairs of cells share.
std::string others(const Json& cell) {
  Json settings = cell.value("settings", Json::object());
  settings.erase("subject");
  return settings.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string subject_of(const Json& cell) {
  return shown(cell.value("settings", Json::object()).value("subject", Json()));
}

// What differs between two cells, as "lost_commits 0 and 3".
std::vector<std::string> differences(const Json& a, const Json& b) {
  std::vector<std::string> result;
  const auto compare = [&result](const char* name, const Json& left, const Json& right) {
    if (left != right) result.push_back(fmt::format("{} {} and {}", name, shown(left), shown(right)));
  };
  compare("finding", a.value("finding", Json()), b.value("finding", Json()));
  for (const char* key : {"lost_commits", "kernel_main_last", "kernel_wal_last", "kernel_shm_last"}) {
    compare(key, metric(a, key), metric(b, key));
  }
  return result;
}

}  // namespace

std::string subjects_section(const Json& summary, std::size_t most_rows) {
  std::map<std::string, std::vector<const Json*>> groups;  // of cells that are equal but for the subject
  for (const Json& cell : summary.at("cells")) groups[others(cell)].push_back(&cell);
  std::size_t pairs = 0;
  std::vector<std::string> lines;
  for (const auto& [settings, cells] : groups) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      for (std::size_t j = i + 1; j < cells.size(); ++j) {
        const Json &a = *cells[i], &b = *cells[j];
        if (subject_of(a) == subject_of(b)) continue;
        ++pairs;
        const auto differ = differences(a, b);
        if (differ.empty()) continue;
        lines.push_back(fmt::format("{} ({}) and {} ({}): {}", shown(a.at("cell")), subject_of(a),
                                    shown(b.at("cell")), subject_of(b), listed(differ)));
      }
    }
  }
  if (pairs == 0) return {};
  return fmt::format(
      "## Subjects side by side\n\n{} of {} pairs of cells that differ in the subject's language alone agree "
      "in "
      "finding, lost commits and main, -wal and -shm descriptors at the last quiet sample.\n\n{}",
      pairs - lines.size(), pairs, bullets(lines, most_rows));
}

}  // namespace walsoak::report
