#include "harness/report/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/report/cells.h"
#include "harness/report/markdown.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostConjunctions = 4;

std::string where_text(const Json& condition) {
  const Json& where = condition.at("where");
  const std::vector<std::string> cells = strings(condition.at("cells"));
  if (where.empty() || where.size() > kMostConjunctions) {
    return fmt::format("no short rule covers them: {}", listed_short(cells));
  }
  const bool exact = condition.value("exact", false);
  std::vector<std::string> parts;
  for (const Json& one : where) {
    const std::string text = conditions_text(one);
    parts.push_back(where.size() > 1 ? "(" + text + ")" : text);
  }
  std::string text =
      fmt::format("{} {}", exact ? "exactly where" : "among others where", listed(parts, "or"));
  if (where.size() == 1 && where.front().empty()) text = "whatever was set";
  const Json alternatives = condition.value("alternatives", Json::array());
  if (!alternatives.empty()) {
    std::vector<std::string> others;
    for (const Json& one : alternatives) others.push_back(conditions_text(one));
    text += fmt::format(" (these cells cannot tell that apart from: {})", listed(others, "or"));
  }
  return text;
}

// "clean, 0 commits lost" of a cell that stands as control; where descriptors are the question, how they
// grew.
std::string outcome_text(const Json& cell, const std::string& outcome) {
  const std::string finding = cell.value("finding", std::string{});
  if (outcome == "leak" || outcome == "bounded growth") {
    return fmt::format("{}, main/wal/shm grew by {}", finding, growth_text(cell));
  }
  return fmt::format("{}, {} commits lost", finding, shown(metric(cell, "lost_commits")));
}

std::string controls_text(const Json& summary, const Json& condition) {
  std::string text;
  for (const Json& pair : condition.value("controls", Json::array())) {
    const Json* without = find_cell(summary, shown(pair["without"]));
    text += fmt::format(" Control: {} differs from {} in {} alone ({} instead of {})", shown(pair["without"]),
                        shown(pair["with"]), shown(pair["differs"]),
                        shown_value(shown(pair["differs"]), pair["without_value"]),
                        shown_value(shown(pair["differs"]), pair["with_value"]));
    text += without == nullptr ? "."
                               : fmt::format(": {}.", outcome_text(*without, shown(condition.at("outcome"))));
  }
  const auto uncontrolled = strings(condition.value("uncontrolled", Json::array()));
  if (!uncontrolled.empty()) {
    text += fmt::format(" No pair of cells differs in {} alone: that condition has no control here.",
                        listed(uncontrolled, "or"));
  }
  return text;
}

// `outcomes` are those that the same cells have under the same conditions; `condition` is of the first of
// them.
std::string sentence(const Json& summary, const Json& condition, const std::vector<std::string>& outcomes,
                     bool with_controls) {
  const auto cells = strings(condition.at("cells"));
  std::string text = fmt::format("**{}** in {} of {} cells: {}.", capital(listed(outcomes)), cells.size(),
                                 shown(condition.at("of")), where_text(condition));
  const auto indifferent = strings(condition.value("no_difference", Json::array()));
  if (!indifferent.empty()) text += fmt::format(" {} made no difference.", listed(indifferent));
  const auto not_varied = strings(condition.value("not_varied", Json::array()));
  if (!not_varied.empty()) text += fmt::format(" Not varied under these conditions: {}.", listed(not_varied));
  const auto unknown = strings(condition.value("unknown", Json::array()));
  if (!unknown.empty()) text += fmt::format(" Not known for {}.", listed_short(unknown));
  const auto unexplained = strings(condition.value("unexplained", Json::array()));
  if (!unexplained.empty()) {
    text += fmt::format(" {} had it while a cell with the very same settings had not.",
                        listed_short(unexplained));
  }
  if (with_controls) text += controls_text(summary, condition);
  return escaped(text);
}

std::vector<std::string> sentences(const Json& summary, const char* kind, bool with_controls) {
  const Json conditions = summary.value("conditions", Json::array());
  const auto same = [](const Json& a, const Json& b) {
    return a.at("kind") == b.at("kind") && a.at("cells") == b.at("cells") && a.at("of") == b.at("of") &&
           a.at("where") == b.at("where");
  };
  std::vector<std::string> result;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const auto begin = conditions.begin();
    const auto end = begin + static_cast<std::ptrdiff_t>(i);
    const Json& condition = conditions[i];
    const bool told = std::any_of(begin, end, [&](const Json& before) { return same(before, condition); });
    if (condition.at("kind") != kind || told) continue;
    std::vector<std::string> outcomes;
    for (const Json& other : conditions) {
      if (same(other, condition)) outcomes.push_back(shown(other.at("outcome")));
    }
    result.push_back(sentence(summary, condition, outcomes, with_controls));
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
                     summary.at("cells").size(), listed_short(cells));
}

}  // namespace

std::vector<std::string> finding_sentences(const Json& summary) {
  std::vector<std::string> result = sentences(summary, "finding", true);
  if (result.empty()) {
    bool any_unknown = false;
    for (const Json& cell : summary.at("cells")) {
      any_unknown = any_unknown || cell.value("finding", std::string{}) == "unknown";
    }
    result.push_back(any_unknown ? "No cell that could be told lost data, was wedged or leaked descriptors."
                                 : "No cell lost data, was wedged or leaked descriptors.");
  }
  for (const char* finding : {"churn", "clean", "unknown"}) {
    if (std::string text = rest_text(summary, finding); !text.empty()) result.push_back(escaped(text));
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
