#include "harness/report/fixes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>

#include "harness/report/cells.h"
#include "harness/report/markdown.h"

namespace walsoak::report {
namespace {

constexpr const char* kFix = "fix";
constexpr const char* kScope = "scope";

// One row in the making: the cells of a fix and scope, in the order of the run.
struct FixRow {
  std::string fix, scope;
  std::vector<const Json*> cells;
};

std::string setting_of(const Json& cell, const std::string& name) {
  return shown_value(name, cell.value("settings", Json::object()).value(name, Json()));
}

std::string condition_of(const Json& cell, const std::vector<std::string>& names) {
  std::vector<std::string> values;
  for (const std::string& name : names) {
    if (name != kFix && name != kScope)
      values.push_back(fmt::format("{} = {}", name, setting_of(cell, name)));
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

bool also_found(const Json& cell, const std::string& finding) {
  const std::vector<std::string> others = strings(cell.value("also", Json::array()));
  return cell.value("finding", std::string{}) == finding ||
         std::find(others.begin(), others.end(), finding) != others.end();
}

std::string found_or_not(const Json& cell, const std::string& finding) {
  if (also_found(cell, finding)) return "yes";
  return cell.value("finding", std::string{}) == "unknown" ? "?" : "no";
}

// "522 x 54, EMFILE x 2": every error of the cell's steps by its extended code, or the application's own
// name.
std::string errors_by_code(const Json& cell) {
  std::map<std::string, std::int64_t> counts;
  const Json errors = cell.value("errors", Json::array());
  for (const Json& error : errors) {
    const Json app = error.value("app", Json());
    counts[app.is_null() ? shown(error.at("code")) : shown(app)] += error.at("count").get<std::int64_t>();
  }
  std::vector<std::string> codes;
  for (const auto& [code, count] : counts) codes.push_back(fmt::format("{} x {}", code, count));
  return codes.empty() ? "none" : fmt::format("{}", fmt::join(codes, ", "));
}

std::string integrity_of(const Json& cell) {
  const Json failed = metric(cell, "integrity_failed");
  if (failed.is_null()) return "?";
  return failed == 0 ? "ok" : shown(failed) + " not";
}

std::string milliseconds(const Json& us) {
  return us.is_null() ? "?" : fmt::format("{:.0f}", us.get<double>() / 1000);
}

// What a row says of each of its cells, one text where they all say the same.
std::string each(const FixRow& row, const std::function<std::string(const Json&)>& say) {
  std::vector<std::string> said;
  for (const Json* cell : row.cells) said.push_back(say(*cell));
  const bool same =
      std::all_of(said.begin(), said.end(), [&](const auto& one) { return one == said.front(); });
  return same ? said.front() : fmt::format("{}", fmt::join(said, " / "));
}

std::vector<FixRow> rows_of(const Json& summary) {
  std::vector<FixRow> rows;
  for (const Json& cell : summary.at("cells")) {
    const std::string fix = setting_of(cell, kFix), scope = setting_of(cell, kScope);
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const FixRow& one) { return one.fix == fix && one.scope == scope; });
    if (row == rows.end()) row = rows.insert(rows.end(), {fix, scope, {}});
    row->cells.push_back(&cell);
  }
  return rows;
}

}  // namespace

FixTable fix_table(const Json& summary) {
  const std::vector<std::string> names = axes(summary);
  if (std::find(names.begin(), names.end(), kFix) == names.end()) return {};
  FixTable table{{"fix", "scope", "finding", "lost commits", "wedged", "leak", "errors by code", "integrity",
                  "growth main/wal/shm", "last closes", "longest pass (ms)", "peak descriptors"},
                 {},
                 {}};
  for (const FixRow& row : rows_of(summary)) {
    if (table.conditions.empty() && row.cells.size() > 1) {
      table.conditions = each(row, [&](const Json& cell) { return condition_of(cell, names); });
    }
    const auto number = [&](const char* key) {
      return each(row, [key](const Json& cell) { return shown(metric(cell, key)); });
    };
    table.rows.push_back(
        {row.fix, row.scope, each(row, finding_text), each(row, lost_text),
         each(row, [](const Json& cell) { return found_or_not(cell, "wedged"); }),
         each(row, [](const Json& cell) { return found_or_not(cell, "leak"); }), each(row, errors_by_code),
         each(row, integrity_of), each(row, growth_text), number("last_closes_in_scope"),
         each(row, [](const Json& cell) { return milliseconds(metric(cell, "dispatch_max_us")); }),
         number("descriptors_peak")});
  }
  return table;
}

std::string fixes_section(const Json& summary, std::size_t most_rows) {
  FixTable fixes = fix_table(summary);
  if (fixes.rows.empty()) return {};
  Table table(std::move(fixes.columns));
  for (auto& row : fixes.rows) table.add(std::move(row));
  std::string text =
      "## Every fix\n\nEach row is one fix laid over the same conditions, everything else as it was: for the "
      "dispatcher alone, or for every actor of its process (scope).";
  if (!fixes.conditions.empty()) {
    text += fmt::format(" Two figures stand for the conditions {}.", escaped(fixes.conditions));
  }
  return text + "\n\n" + table.text(most_rows);
}

}  // namespace walsoak::report
