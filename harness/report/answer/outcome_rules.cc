#include "harness/report/answer/outcome_rules.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/text/cells.h"

namespace walsoak::report {
namespace {

constexpr std::size_t kMostConjunctions = 4;
constexpr std::size_t kLongestHeadlineRule = 200;

bool same_rule(const Json& a, const Json& b) {
  return a.at("kind") == b.at("kind") && a.at("cells") == b.at("cells") && a.at("of") == b.at("of") &&
         a.at("where") == b.at("where");
}

const char* how_far(const Json& condition) {
  return condition.value("exact", false) ? "exactly where" : "among others where";
}

}  // namespace

std::vector<OutcomeRule> outcome_rules(const Json& summary, const char* kind) {
  std::vector<OutcomeRule> rules;
  const auto conditions = summary.find("conditions");
  if (conditions == summary.end()) return rules;
  for (const Json& condition : *conditions) {
    if (condition.at("kind") != kind) continue;
    const auto told = std::find_if(rules.begin(), rules.end(), [&](const OutcomeRule& rule) {
      return same_rule(*rule.condition, condition);
    });
    OutcomeRule& rule = told == rules.end() ? rules.emplace_back(OutcomeRule{&condition, {}}) : *told;
    rule.outcomes.push_back(shown(condition.at("outcome")));
  }
  return rules;
}

std::string rule_text(const Json& condition) {
  const Json& where = condition.at("where");
  const std::vector<std::string> cells = strings(condition.at("cells"));
  if (where.empty() || where.size() > kMostConjunctions) {
    return fmt::format("no short rule covers them: {}", listed_cells(cells));
  }
  std::vector<std::string> parts;
  for (const Json& one : where) {
    const std::string text = conditions_text(one);
    parts.push_back(where.size() > 1 ? "(" + text + ")" : text);
  }
  std::string text = fmt::format("{} {}", how_far(condition), listed(parts, "or"));
  if (where.size() == 1 && where.front().empty()) text = "whatever was set";
  const Json alternatives = condition.value("alternatives", Json::array());
  if (!alternatives.empty()) {
    std::vector<std::string> others;
    for (const Json& one : alternatives) others.push_back(conditions_text(one));
    text += fmt::format(" (these cells cannot tell that apart from: {})", listed(others, "or"));
  }
  return text;
}

std::string short_rule(const Json& condition) {
  const Json& where = condition.at("where");
  if (where.size() != 1) return {};
  if (where.front().empty()) return "whatever was set";
  std::string text = fmt::format("{} {}", how_far(condition), conditions_text(where.front()));
  return text.size() > kLongestHeadlineRule ? "" : text;
}

std::string control_outcome(const Json& cell, const std::string& outcome) {
  const std::string finding = cell.value("finding", std::string{});
  if (harm_of(outcome) == Harm::descriptors) {
    return fmt::format("{}, main/wal/shm grew by {}", finding, growth_text(cell));
  }
  return fmt::format("{}, {} commits lost", finding, lost_text(cell));
}

}  // namespace walsoak::report
