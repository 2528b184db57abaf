#include "harness/model/cells/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/base/escape/terminal.h"

namespace walsoak::scenario {
namespace {

using Row = std::vector<std::string>;

// Columns are aligned on the left; the last one is not padded. Every word in the table is ASCII but a user's
// own module.
std::string aligned(std::vector<Row> rows) {
  for (Row& row : rows) {
    for (std::string& word : row) word = escape::visible(word);
  }
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) text += fmt::format("{:<{}}  ", row[i], widths[i]);
    text += row.back() + "\n";
  }
  return text;
}

std::string foreign_code_lines(const Scenario& scenario) {
  std::set<std::string> named;
  for (const Cell& cell : scenario.cells) named.insert(foreign_code(cell.settings));
  named.erase("");
  std::string lines;
  for (const std::string& code : named) lines += escape::format("\nruns {} (needs --allow-exec)\n", code);
  return lines;
}

}  // namespace

std::string describe_cells(const Scenario& scenario, std::int64_t repeat) {
  const bool controls = std::any_of(scenario.cells.begin(), scenario.cells.end(),
                                    [](const Cell& cell) { return cell.control_of.has_value(); });
  Row head{"cell"};
  head.insert(head.end(), scenario.axes.begin(), scenario.axes.end());
  if (controls) head.push_back("control of");
  head.push_back("expected");
  std::vector<Row> rows{head};
  for (const Cell& cell : scenario.cells) {
    Row row{cell.id};
    for (const auto& [axis, value] : cell.differs.items()) row.push_back(value_text(axis, value));
    if (controls) row.push_back(cell.control_of.value_or("-"));
    row.push_back(cell.expected ? cell.expected->text() : "any");
    rows.push_back(std::move(row));
  }
  const std::size_t count = scenario.cells.size();
  const std::string times =
      repeat == 1
          ? ""
          : fmt::format(", each {} times: {} blocks of every cell once, in an order drawn by the seed",
                        repeat, repeat);
  return escape::format("{}: {}\n{} cell{}{}\n\n{}{}", scenario.name, scenario.title, count,
                        count == 1 ? "" : "s", times, escape::Lines{aligned(std::move(rows))},
                        escape::Lines{foreign_code_lines(scenario)});
}

std::string foreign_code(const nlohmann::ordered_json& settings) {
  const auto text = [&settings](const char* name) { return settings.at(name).get<std::string>(); };
  if (text("subject") == "exec") return "the command: " + text("exec_command");
  if (!text("module").empty()) return "the Python function: " + text("module");
  return {};
}

}  // namespace walsoak::scenario
