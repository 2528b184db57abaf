#include "harness/report/answer/fixes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

constexpr const char* kFix = "fix";
constexpr const char* kScope = "scope";

// One row in the making: the cells of a fix and scope, in the order of the run.
struct FixRow {
  std::string fix, scope;
  std::vector<const Json*> cells;
};

std::string condition_of(const Json& cell, const std::vector<std::string>& names) {
  std::vector<std::string> values;
  for (const std::string& name : names) {
    if (name != kFix && name != kScope) values.push_back(fmt::format("{} = {}", name, value_on(cell, name)));
  }
  return fmt::format("{}", fmt::join(values, ", "));
}

std::string found_or_not(const Json& cell, const std::string& finding) {
  if (found(cell, finding)) return "yes";
  return cell.value("finding", std::string{}) == kUnknown ? "?" : "no";
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
    const std::string fix = value_on(cell, kFix), scope = value_on(cell, kScope);
    auto row = std::find_if(rows.begin(), rows.end(),
                            [&](const FixRow& one) { return one.fix == fix && one.scope == scope; });
    if (row == rows.end()) row = rows.insert(rows.end(), {fix, scope, {}});
    row->cells.push_back(&cell);
  }
  return rows;
}

bool is_cured(const FixRow& row) {
  return std::all_of(row.cells.begin(), row.cells.end(), [](const Json* cell) {
    return harm_of(cell->value("finding", std::string{})) == Harm::none;
  });
}

bool loses(const FixRow& row) {
  return std::any_of(row.cells.begin(), row.cells.end(),
                     [](const Json* cell) { return found(*cell, kDataLoss); });
}

// "3 of 14 fixes (pool, shared and noop)": the fixes of these rows that pass the test.
std::string fixes_that(const std::vector<const FixRow*>& rows, bool (*test)(const FixRow&)) {
  constexpr std::size_t kMostInASentence = 6;
  std::vector<std::string> fixes;
  for (const FixRow* row : rows) {
    if (test(*row)) fixes.push_back(row->fix);
  }
  const bool named = !fixes.empty() && fixes.size() <= kMostInASentence && fixes.size() < rows.size();
  return fmt::format("{} of {} fixes{}", fixes.size(), rows.size(), named ? " (" + listed(fixes) + ")" : "");
}

}  // namespace

std::string fixes_answer(const Json& summary) {
  if (fix_table(summary).rows.empty()) return {};
  const std::vector<FixRow> rows = rows_of(summary);
  std::vector<std::string> scopes;
  for (const FixRow& row : rows) {
    if (std::find(scopes.begin(), scopes.end(), row.scope) == scopes.end()) scopes.push_back(row.scope);
  }
  std::string text;
  for (const std::string& scope : scopes) {
    std::vector<const FixRow*> in_scope;
    for (const FixRow& row : rows) {
      // `none` is the control, not a fix.
      if (row.scope == scope && row.fix != "none") in_scope.push_back(&row);
    }
    text += fmt::format("{}{}clean or churn under every condition with {}; data loss with {}",
                        text.empty() ? "" : ". ",
                        scopes.size() > 1 ? fmt::format("In scope {}: ", scope) : std::string(),
                        fixes_that(in_scope, is_cured), fixes_that(in_scope, loses));
  }
  return capital(text) + ".";
}

FixTable fix_table(const Json& summary) {
  const std::vector<std::string> names = axes(summary);
  if (std::find(names.begin(), names.end(), kFix) == names.end()) return {};
  FixTable table{{"fix", "scope", "finding", "lost commits", kWedged, kLeak, "errors by code", "integrity",
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
         each(row, [](const Json& cell) { return found_or_not(cell, kWedged); }),
         each(row, [](const Json& cell) { return found_or_not(cell, kLeak); }), each(row, errors_by_code),
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
    text += fmt::format(" Figures between slashes are those of the conditions {}, in this order.",
                        fixes.conditions);
  }
  return text + "\n\n" + folded(std::move(table), most_rows);
}

}  // namespace walsoak::report
