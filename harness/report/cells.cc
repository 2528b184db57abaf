#include "harness/report/cells.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/report/markdown.h"

namespace walsoak::report {
namespace {

std::string name_of(const Json& cell) {
  return cell.value("cell", std::string{});
}

std::string value_on(const Json& cell, const std::string& axis) {
  const auto settings = cell.find("settings");
  if (settings != cell.end() && settings->is_object() && settings->contains(axis))
    return shown_value(axis, (*settings)[axis]);
  return shown_value(axis, cell.value("differs", Json::object()).value(axis, Json()));
}

bool is_more_than_none(const Json& count) {
  return count.is_number_integer() && count.get<std::int64_t>() > 0;
}

// Whether the rows or the passes of a cell were harmed, seen from anywhere.
bool amiss(const Json& cell) {
  const std::string finding = cell.value("finding", std::string{});
  if (finding == "data loss" || finding == "wedged") return true;
  for (const char* key : {"lost_inside", "lost_outside", "inside_error", "outside_error"}) {
    if (is_more_than_none(metric(cell, key))) return true;
  }
  return false;
}

std::string code_text(const Json& code) {
  return code == 0 ? "none" : shown(code);
}

std::string growth_of(const Json& cell, const char* key) {
  const Json value = metric(cell, key);
  return is_more_than_none(value) ? "+" + shown(value) : shown(value);
}

void add_lines(std::vector<std::string>& lines, const Json& cell, const std::vector<std::string>& added) {
  for (const std::string& line : added) lines.push_back(escaped(fmt::format("{}: {}", name_of(cell), line)));
}

}  // namespace

std::string growth_text(const Json& cell) {
  const char* main =
      metric(cell, "kernel_main_net_growth").is_null() ? "kernel_main_growth" : "kernel_main_net_growth";
  return fmt::format("{}/{}/{}", growth_of(cell, main), growth_of(cell, "kernel_wal_growth"),
                     growth_of(cell, "kernel_shm_growth"));
}

std::string mechanisms_text(const Json& cell) {
  std::vector<std::string> names;
  for (const Json& mechanism : cell.value("mechanisms", Json::array()))
    names.push_back(shown(mechanism.at("name")));
  return names.empty() ? "-" : listed(names, "and");
}

std::vector<std::string> errors_text(const Json& cell, std::size_t most) {
  std::vector<std::string> result;
  for (const Json& error : cell.value("errors", Json::array())) {
    if (result.size() == most) break;
    const Json app = error.value("app", Json());
    const std::string where = error.value("where", Json()).is_null() ? "" : shown(error["where"]) + ", ";
    result.push_back(fmt::format("{} x {} {} ({}in {})", shown(error.at("count")),
                                 app.is_null() ? shown(error.at("code")) : shown(app),
                                 shown(error.at("message")), where, shown(error.at("step"))));
  }
  return result;
}

std::string data_section(const Json& summary, std::size_t most_rows) {
  const std::vector<std::string> names = axes(summary);
  std::vector<std::string> columns{"cell"};
  columns.insert(columns.end(), names.begin(), names.end());
  for (const char* column : {"acknowledged", "lost seen from inside", "lost seen from outside",
                             "lost for good", "boards not sound", "error inside", "error outside"}) {
    columns.emplace_back(column);
  }
  Table table(std::move(columns));
  std::vector<std::string> lines;
  for (const Json& cell : summary.at("cells")) {
    if (!amiss(cell)) continue;
    std::vector<std::string> row{name_of(cell)};
    for (const std::string& axis : names) row.push_back(value_on(cell, axis));
    for (const char* key : {"acknowledged", "lost_inside", "lost_outside"}) {
      row.push_back(shown(metric(cell, key)));
    }
    row.push_back(lost_text(cell));
    row.push_back(shown(metric(cell, "integrity_failed")));
    row.push_back(code_text(metric(cell, "inside_error")));
    row.push_back(code_text(metric(cell, "outside_error")));
    table.add(std::move(row));
    add_lines(lines, cell, strings(cell.value("evidence", Json::array())));
    add_lines(lines, cell, errors_text(cell, 3));
  }
  if (table.empty()) return {};
  return "## The data, from inside and outside\n\nCommits that a writer had acknowledged, and how many of "
         "them the "
         "dispatcher's own process (inside), another process (outside) and the final copy of the files lack. "
         "`?` is not known: nobody could look, or the look failed with the error beside it.\n\n" +
         table.text(most_rows) + "\n" + bullets(lines, most_rows);
}

std::string cells_table(const Json& summary, std::size_t most_rows) {
  const std::vector<std::string> names = axes(summary);
  std::vector<std::string> columns{"cell"};
  columns.insert(columns.end(), names.begin(), names.end());
  for (const char* column : {"finding", "mechanisms", "verdict", "lost commits", "last closes in scope",
                             "growth main/wal/shm", "peak descriptors", "dispatch p50 (us)"}) {
    columns.emplace_back(column);
  }
  Table table(std::move(columns));
  for (const Json& cell : summary.at("cells")) {
    std::vector<std::string> row{name_of(cell)};
    for (const std::string& axis : names) row.push_back(value_on(cell, axis));
    std::vector<std::string> found = strings(cell.value("also", Json::array()));
    found.insert(found.begin(), finding_text(cell));
    row.push_back(found.size() == 1
                      ? found.front()
                      : fmt::format("{} (also {})", found.front(), listed({found.begin() + 1, found.end()})));
    row.push_back(mechanisms_text(cell));
    row.push_back(cell.value("verdict", std::string{}));
    row.push_back(lost_text(cell));
    row.push_back(shown(metric(cell, "last_closes_in_scope")));
    row.push_back(growth_text(cell));
    row.push_back(shown(metric(cell, "descriptors_peak")));
    row.push_back(shown(metric(cell, "dispatch_p50_us")));
    table.add(std::move(row));
  }
  return "## Cells\n\n" + table.text(most_rows);
}

std::string evidence_section(const Json& summary, std::size_t most_rows) {
  std::vector<std::string> lines;
  for (const Json& cell : summary.at("cells")) {
    // Cells whose data was harmed have theirs beside the data.
    if (cell.value("finding", std::string{}) != "clean" && !amiss(cell)) {
      add_lines(lines, cell, strings(cell.value("evidence", Json::array())));
    }
    for (const Json& mechanism : cell.value("mechanisms", Json::array())) {
      add_lines(lines, cell,
                {fmt::format("{}: {}", shown(mechanism.at("name")), shown(mechanism.at("evidence")))});
    }
  }
  return lines.empty() ? "" : "## Evidence\n\n" + bullets(lines, most_rows);
}

std::string reasons_section(const Json& summary, std::size_t most_rows) {
  std::vector<std::string> lines;
  for (const Json& cell : summary.at("cells")) {
    for (const std::string& reason : strings(cell.value("reasons", Json::array()))) {
      lines.push_back(
          escaped(fmt::format("{} ({}): {}", name_of(cell), cell.value("verdict", std::string{}), reason)));
    }
  }
  return lines.empty() ? "" : "## Why verdicts are not pass\n\n" + bullets(lines, most_rows);
}

std::string ledgers_section(const Json& summary, std::size_t most_rows) {
  std::vector<std::string> lines;
  for (const Json& cell : summary.at("cells")) {
    for (const std::string& remark :
         strings(cell.value("ledgers", Json::object()).value("remarks", Json::array()))) {
      lines.push_back(escaped(fmt::format("{}: {}", name_of(cell), remark)));
    }
  }
  if (lines.empty()) return {};
  return "## The three ledgers\n\nWhat the connections, SQLite's VFS and the kernel count agrees at every "
         "quiet sample, "
         "but for:\n\n" +
         bullets(lines, most_rows);
}

std::string controls_section(const Json& summary, std::size_t most_rows) {
  std::vector<std::string> lines;
  for (const Json& cell : summary.at("cells")) {
    const Json control_of = cell.value("control_of", Json());
    if (control_of.is_null()) continue;
    lines.push_back(escaped(fmt::format(
        "{} is the control of {} ({}): finding {}, verdict {}.", name_of(cell), shown(control_of),
        settings_text(cell), cell.value("finding", std::string{}), cell.value("verdict", std::string{}))));
  }
  return lines.empty() ? "" : "## Controls\n\n" + bullets(lines, most_rows);
}

}  // namespace walsoak::report
