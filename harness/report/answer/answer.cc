#include "harness/report/answer/answer.h"

#include <fmt/format.h>

#include <map>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/answer/outcome_rules.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

std::string controls_text(const Json& summary, const Json& condition) {
  std::string text;
  for (const Json& pair : condition.value("controls", Json::array())) {
    const Json* without = find_cell(summary, shown(pair["without"]));
    text += fmt::format(" Control: {} differs from {} in {} alone ({} instead of {})", shown(pair["without"]),
                        shown(pair["with"]), shown(pair["differs"]),
                        shown_value(shown(pair["differs"]), pair["without_value"]),
                        shown_value(shown(pair["differs"]), pair["with_value"]));
    text += without == nullptr
                ? "."
                : fmt::format(": {}.", control_outcome(*without, shown(condition.at("outcome"))));
  }
  const auto uncontrolled = strings(condition.value("uncontrolled", Json::array()));
  if (!uncontrolled.empty()) {
    text += fmt::format(" No pair of cells differs in {} alone: that condition has no control here.",
                        listed(uncontrolled, "or"));
  }
  return text;
}

std::string sentence(const Json& summary, const OutcomeRule& rule, bool with_controls) {
  const Json& condition = *rule.condition;
  const auto cells = strings(condition.at("cells"));
  std::string text = fmt::format("**{}** in {} of {} cells: {}.", capital(listed(rule.outcomes)),
                                 cells.size(), shown(condition.at("of")), rule_text(condition));
  const auto indifferent = strings(condition.value("no_difference", Json::array()));
  if (!indifferent.empty()) text += fmt::format(" {} made no difference.", listed(indifferent));
  const auto not_varied = strings(condition.value("not_varied", Json::array()));
  if (!not_varied.empty()) text += fmt::format(" Not varied under these conditions: {}.", listed(not_varied));
  const auto unknown = strings(condition.value("unknown", Json::array()));
  if (!unknown.empty()) text += fmt::format(" Not known for {}.", listed_cells(unknown));
  const auto unexplained = strings(condition.value("unexplained", Json::array()));
  if (!unexplained.empty()) {
    text += fmt::format(" {} had it while a cell with the very same settings had not.",
                        listed_cells(unexplained));
  }
  if (with_controls) text += controls_text(summary, condition);
  return text;
}

std::vector<std::string> sentences(const Json& summary, const char* kind, bool with_controls) {
  std::vector<std::string> result;
  for (const OutcomeRule& rule : outcome_rules(summary, kind)) {
    result.push_back(sentence(summary, rule, with_controls));
  }
  return result;
}

// "Churn in 3 cells (c01, c02 and c03)" for findings that no condition is looked for.
std::string rest_text(const Json& summary, const char* finding) {
  std::vector<std::string> cells;
  for (const Json& cell : summary.at("cells")) {
    if (cell.value("finding", std::string{}) != finding) continue;
    const bool short_run = summary.at("cells").size() <= 8;
    const std::string name = cell.value("cell", std::string{});
    cells.push_back(short_run && !cell.value("differs", Json::object()).empty()
                        ? fmt::format("{} ({})", name, settings_text(cell))
                        : name);
  }
  if (cells.empty()) return {};
  return fmt::format("**{}** in {} of {} cells: {}.", capital(finding), cells.size(),
                     summary.at("cells").size(), listed_cells(cells));
}

}  // namespace

std::vector<std::string> finding_sentences(const Json& summary) {
  std::vector<std::string> result = sentences(summary, "finding", true);
  if (result.empty()) {
    bool any_unknown = false;
    for (const Json& cell : summary.at("cells")) {
      any_unknown = any_unknown || cell.value("finding", std::string{}) == kUnknown;
    }
    result.push_back(any_unknown ? "No cell that could be told lost data, was wedged or leaked descriptors."
                                 : "No cell lost data, was wedged or leaked descriptors.");
  }
  for (const char* finding : {kChurn, kClean, kUnknown}) {
    if (std::string text = rest_text(summary, finding); !text.empty()) result.push_back(text);
  }
  return result;
}

std::vector<std::string> mechanism_sentences(const Json& summary) {
  return sentences(summary, "mechanism", false);
}

std::string verdict_sentence(const Json& summary) {
  std::map<std::string, int> verdicts;
  for (const Json& cell : summary.at("cells")) ++verdicts[cell.value("verdict", std::string{})];
  std::vector<std::string> counts;
  for (const char* verdict : {"pass", "fail", "unknown"}) {
    if (verdicts[verdict] > 0) counts.push_back(fmt::format("{} {}", verdicts[verdict], verdict));
  }
  std::string text =
      fmt::format("Verdict: **{}** ({}).", summary.value("verdict", std::string{}), listed(counts));
  const std::string state = summary.value("state", std::string{});
  if (state != "done") text += fmt::format(" The run is {}: cells that are not done are unknown.", state);
  return text;
}

}  // namespace walsoak::report
