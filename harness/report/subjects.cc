#include "harness/report/subjects.h"

#include <fmt/format.h>

#include <vector>

#include "harness/report/markdown.h"

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
  const Json& cells = summary.at("cells");
  std::size_t pairs = 0;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t j = i + 1; j < cells.size(); ++j) {
      if (subject_of(cells[i]) == subject_of(cells[j]) || others(cells[i]) != others(cells[j])) continue;
      ++pairs;
      const auto differ = differences(cells[i], cells[j]);
      if (differ.empty()) continue;
      lines.push_back(
          escaped(fmt::format("{} ({}) and {} ({}): {}", shown(cells[i].at("cell")), subject_of(cells[i]),
                              shown(cells[j].at("cell")), subject_of(cells[j]), listed(differ))));
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
