#include "harness/report/answer/headline.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/answer/outcome_rules.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostRules = 4;       // told in the answer; the others are counted
constexpr std::size_t kLongestSeen = 260;   // of evidence in one line
constexpr std::size_t kLongestLine = 1200;  // of one outcome
constexpr std::size_t kMostNotVaried = 4;

std::string counted(const std::map<std::size_t, std::pair<std::string, std::size_t>>& by_rank,
                    const std::string& of) {
  std::vector<std::string> parts;
  for (const auto& [rank, found] : by_rank) {
    parts.push_back(fmt::format("{} in {}{}", found.first, found.second, parts.empty() ? of : ""));
  }
  return listed(parts);
}

// How often findings were made by cells that pass the test.
template <typename Wanted>
std::map<std::size_t, std::pair<std::string, std::size_t>> findings_of(const Json& summary,
                                                                       const Wanted& wanted) {
  std::map<std::size_t, std::pair<std::string, std::size_t>> by_rank;
  for (const Json& cell : summary.at("cells")) {
    const std::string finding = cell.value("finding", std::string{});
    if (!wanted(finding)) continue;
    auto& [name, count] = by_rank[harm_rank(finding)];
    name = finding;
    ++count;
  }
  return by_rank;
}

std::string rule_of_answer(const OutcomeRule& rule, bool in_full) {
  const Json& condition = *rule.condition;
  const std::string cells =
      fmt::format("{} of {} cells", condition.at("cells").size(), shown(condition.at("of")));
  const std::string where = in_full ? short_rule(condition) : "";
  return where.empty() ? fmt::format("{} in {}", listed(rule.outcomes), cells)
                       : fmt::format("{} {} ({})", listed(rule.outcomes), where, cells);
}

std::string of_one_cell(const Json& cell) {
  const auto evidence = strings(cell.value("evidence", Json::array()));
  return capital(all_found(cell)) +
         (evidence.empty() ? "." : ": " + clipped(evidence.front(), kLongestSeen) + ".");
}

// What the cell shows of an outcome: its own words for it, without the name in front.
std::string seen_text(const Json& cell, const std::string& outcome) {
  const auto evidence = strings(cell.value("evidence", Json::array()));
  if (cell.value("finding", std::string{}) == outcome) return evidence.empty() ? "" : evidence.front();
  for (const std::string& line : evidence) {
    if (line.starts_with(outcome + ": ")) return line.substr(outcome.size() + 2);
  }
  return {};
}

// The cell that a line tells of: the one that has controls, or the first that shows it.
const Json* example_of(const Json& summary, const OutcomeRule& rule) {
  const auto controls = rule.condition->find("controls");
  if (controls != rule.condition->end() && !controls->empty()) {
    if (const Json* cell = find_cell(summary, shown(controls->front()["with"]))) return cell;
  }
  const Json* first = nullptr;
  for (const std::string& name : strings(rule.condition->at("cells"))) {
    const Json* const cell = find_cell(summary, name);
    if (first == nullptr) first = cell;
    if (cell != nullptr && cell->value("finding", std::string{}) == rule.outcomes.front()) return cell;
  }
  return first;
}

std::string seen_in(const Json& cell, const OutcomeRule& rule) {
  std::string text;
  for (const std::string& outcome : rule.outcomes) {
    const std::string seen = clipped(seen_text(cell, outcome), kLongestSeen);
    if (seen.empty()) continue;
    const bool named = rule.outcomes.size() > 1 && !text.empty();
    text += (text.empty() ? "" : "; ") + (named ? outcome + ": " : "") + seen;
  }
  if (found(cell, kWedged) && found(cell, rule.outcomes.front()) && rule.outcomes.front() != kLeak) {
    for (const std::string& error : errors_text(cell, 1)) text += (text.empty() ? "" : "; ") + error;
  }
  return text.empty() ? "" : fmt::format(" Seen in {}: {}.", name_of(cell), text);
}

// "Controls, c13 with one value changed: header_check = off (c05): clean, 0 commits lost; ..."
std::string controls_of(const Json& summary, const OutcomeRule& rule) {
  std::vector<std::pair<std::string, std::string>> by_cell;  // with, what its controls did
  for (const Json& pair : rule.condition->value("controls", Json::array())) {
    const std::string with = shown(pair["with"]), axis = shown(pair["differs"]);
    const Json* const without = find_cell(summary, shown(pair["without"]));
    const std::string one =
        fmt::format("{} = {} ({}{})", axis, shown_value(axis, pair["without_value"]), shown(pair["without"]),
                    without == nullptr ? "" : ": " + control_outcome(*without, rule.outcomes.front()));
    auto told =
        std::find_if(by_cell.begin(), by_cell.end(), [&](const auto& cell) { return cell.first == with; });
    if (told == by_cell.end()) {
      by_cell.emplace_back(with, one);
    } else {
      told->second += ", " + one;
    }
  }
  std::string text;
  for (const auto& [with, did] : by_cell) {
    text += fmt::format(" Control, {} with one value changed: {}.", with, did);
  }
  return text;
}

std::string doubts(const Json& condition) {
  std::string text;
  const auto items = [&](const char* key) { return strings(condition.value(key, Json::array())); };
  if (const auto same = items("no_difference"); !same.empty()) {
    text += fmt::format(" No difference: {}.", listed_short(same));
  }
  if (const auto alone = items("uncontrolled"); !alone.empty()) {
    text += fmt::format(" Without a control here: {}.", listed_short(alone));
  }
  if (const auto fixed = items("not_varied"); !fixed.empty() && fixed.size() <= kMostNotVaried) {
    text += fmt::format(" Not varied under these conditions: {}.", listed(fixed));
  }
  if (const auto cells = items("unknown"); !cells.empty()) {
    text += fmt::format(" Not known for {}.", listed_cells(cells));
  }
  if (const auto cells = items("unexplained"); !cells.empty()) {
    text += fmt::format(" {} had it while a cell with the very same settings had not.", listed_cells(cells));
  }
  const auto alternatives = condition.find("alternatives");
  if (alternatives != condition.end() && !alternatives->empty()) {
    text +=
        fmt::format(" These cells cannot tell that apart from {}.", conditions_text(alternatives->front()));
  }
  return text;
}

std::string commits_line(const Json& summary) {
  std::int64_t acknowledged = 0, lost = 0, cells = 0, unreadable = 0;
  for (const Json& cell : summary.at("cells")) {
    const Json all = metric(cell, "acknowledged"), gone = metric(cell, "lost_commits");
    if (lost_text(cell) == "unreadable") ++unreadable;
    if (!all.is_number_integer() || !gone.is_number_integer()) continue;
    ++cells;
    acknowledged += all.get<std::int64_t>();
    lost += gone.get<std::int64_t>();
  }
  if (cells == 0 && unreadable == 0) return {};
  std::string text = fmt::format("**Commits**: of {} acknowledged in {} {} {} {} lost for good", acknowledged,
                                 cells, cells == 1 ? "cell" : "cells", lost, lost == 1 ? "is" : "are");
  if (unreadable > 0)
    text += fmt::format("; in {} more nobody can count, a final copy cannot be read", unreadable);
  return text + ".";
}

// Of cells that have begun and not come to their end.
std::string so_far_line(const Json& summary) {
  std::vector<std::string> seen;
  for (const Json& cell : summary.at("cells")) {
    const Json so_far = cell.value("so_far", Json());
    if (so_far.is_string()) seen.push_back(fmt::format("{} in {}", shown(so_far), name_of(cell)));
  }
  return seen.empty() ? "" : fmt::format("**So far**, in cells that have not ended: {}.", listed_short(seen));
}

std::string controls_line(const Json& summary) {
  std::size_t controls = 0;
  std::vector<std::string> not_passed;
  for (const Json& cell : summary.at("cells")) {
    if (cell.value("control_of", Json()).is_null()) continue;
    ++controls;
    if (cell.value("verdict", std::string{}) != "pass") not_passed.push_back(name_of(cell));
  }
  if (controls == 0) return {};
  const std::string who = fmt::format("**Controls of the run** (marked `*`): {}", controls);
  return not_passed.empty() ? who + ", all pass."
                            : fmt::format("{}, of which {} did not pass.", who, listed_cells(not_passed));
}

}  // namespace

std::string findings_counted(const Json& summary) {
  return counted(findings_of(summary, [](const std::string&) { return true; }),
                 fmt::format(" of {} cells", summary.at("cells").size()));
}

std::string answer_text(const Json& summary) {
  const Json& cells = summary.at("cells");
  if (cells.empty()) return "No cell was run.";
  if (cells.size() == 1) return of_one_cell(cells.front());
  const std::vector<OutcomeRule> rules = outcome_rules(summary, "finding");
  if (rules.empty()) {
    const bool all_told =
        findings_of(summary, [](const std::string& finding) { return finding == kUnknown; }).empty();
    return fmt::format("No cell{} lost data, was wedged or leaked descriptors: {}.",
                       all_told ? "" : " that could be told", findings_counted(summary));
  }
  std::string text;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    text += (text.empty() ? "" : "; ") + rule_of_answer(rules[i], i < kMostRules);
  }
  const auto rest = findings_of(summary, [](const std::string& finding) { return !is_harmful(finding); });
  if (!rest.empty()) {
    text += "; elsewhere " + counted(rest, rest.begin()->second.second == 1 ? " cell" : " cells");
  }
  return capital(text) + ".";
}

std::vector<std::string> evidence_lines(const Json& summary) {
  std::vector<std::string> lines;
  const bool several = summary.at("cells").size() > 1;
  for (const OutcomeRule& rule : outcome_rules(summary, "finding")) {
    if (!several) break;
    const Json* const example = example_of(summary, rule);
    const std::string told = (example == nullptr ? "" : seen_in(*example, rule)) +
                             controls_of(summary, rule) + doubts(*rule.condition);
    if (told.empty()) continue;
    lines.push_back("**" + capital(listed(rule.outcomes)) + "**." + clipped(told, kLongestLine));
  }
  for (const std::string& line : {so_far_line(summary), commits_line(summary), controls_line(summary)}) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

std::string mechanisms_line(const Json& summary) {
  std::vector<std::pair<std::string, std::size_t>> seen;
  for (const Json& cell : summary.at("cells")) {
    for (const Json& mechanism : cell.value("mechanisms", Json::array())) {
      const std::string name = shown(mechanism.at("name"));
      auto one = std::find_if(seen.begin(), seen.end(), [&](const auto& told) { return told.first == name; });
      if (one == seen.end()) one = seen.insert(seen.end(), {name, 0});
      ++one->second;
    }
  }
  if (seen.empty()) return {};
  std::vector<std::string> parts;
  for (const auto& [name, cells] : seen) {
    parts.push_back(
        fmt::format("{} ({}{})", name, cells, parts.empty() ? cells == 1 ? " cell" : " cells" : ""));
  }
  return fmt::format("**Mechanisms**: {}.", listed(parts));
}

}  // namespace walsoak::report
