#include "harness/report/answer/multi_scenario.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

bool all_pass(const ScenarioCells& scenario) {
  return std::all_of(scenario.cells.begin(), scenario.cells.end(),
                     [](const Json* cell) { return cell->value("verdict", std::string{}) == "pass"; });
}

// "data loss, wedged (where header_check = raw: 2 cells; lock lost and split generation)", worst first.
std::string what_was_found(const ScenarioCells& scenario) {
  std::string text;
  for (const OutcomeGroup& group : outcome_groups(scenario.cells)) {
    const Json& first = *group.cells.front();
    const std::string mechanisms = mechanisms_text(first);
    text += fmt::format("{}{}: {}{}", text.empty() ? "" : "; ",
                        group.where.empty() ? fmt::format("{} cells", group.cells.size()) : group.where,
                        all_found(first), mechanisms == "-" ? "" : " (" + mechanisms + ")");
  }
  return text;
}

std::string verdicts_text(const ScenarioCells& scenario) {
  std::map<std::string, std::size_t> counts;
  for (const Json* cell : scenario.cells) ++counts[cell->value("verdict", std::string{})];
  std::vector<std::string> parts;
  for (const auto& [verdict, count] : counts) parts.push_back(fmt::format("{} {}", count, verdict));
  return listed(parts);
}

}  // namespace

std::string several_answer(const Json& summary, const std::vector<ScenarioCells>& scenarios) {
  const auto passed = static_cast<std::size_t>(std::count_if(scenarios.begin(), scenarios.end(), all_pass));
  std::vector<std::string> seen;
  for (const FindingInfo& info : findings_table()) {
    if (info.harm == Harm::none) continue;
    const std::string finding(info.name);
    const auto in = std::count_if(scenarios.begin(), scenarios.end(), [&](const ScenarioCells& scenario) {
      return std::any_of(scenario.cells.begin(), scenario.cells.end(),
                         [&](const Json* cell) { return found(*cell, finding); });
    });
    if (in > 0) seen.push_back(fmt::format("{} in {}{}", finding, in, seen.empty() ? " of them" : ""));
  }
  const std::string who = passed == scenarios.size()
                              ? fmt::format("All {} scenarios", scenarios.size())
                              : fmt::format("{} of {} scenarios", passed, scenarios.size());
  return fmt::format("{} came out as they expect ({} cells){}.", who, summary.at("cells").size(),
                     seen.empty() ? "" : ": " + listed(seen));
}

std::string scenarios_section(const std::vector<ScenarioCells>& scenarios,
                              const std::map<std::string, std::string>& titles, std::size_t most_rows) {
  Table table({"scenario", "what it asks", "cells", "found, the worst first (mechanism)", "verdicts"});
  for (const ScenarioCells& scenario : scenarios) {
    const auto title = titles.find(scenario.name);
    table.add({scenario.name, title == titles.end() ? "?" : title->second,
               std::to_string(scenario.cells.size()), what_was_found(scenario), verdicts_text(scenario)});
  }
  return "## Scenarios\n\nEach is a question of its own and holds its control: its cells differ in nothing "
         "but "
         "what the table names.\n\n" +
         folded(std::move(table), most_rows);
}

}  // namespace walsoak::report
