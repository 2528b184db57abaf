// What of the settings goes with an outcome, in words: the `conditions` of a summary.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// Outcomes that the same cells have under the same conditions; `condition` is of the first of them.
struct OutcomeRule {
  const Json* condition = nullptr;
  std::vector<std::string> outcomes;
};

// Those of a kind, "finding" or "mechanism", in the order of the summary, which must outlive them.
std::vector<OutcomeRule> outcome_rules(const Json& summary, const char* kind);

// "exactly where header_check = raw (these cells cannot tell that apart from: ...)".
std::string rule_text(const Json& condition);
// The same where it is one conjunction that fits a headline, without what it cannot be told from; else "".
std::string short_rule(const Json& condition);

// "clean, 0 commits lost" of a cell that stands as control; where descriptors are the question, how they
// grew.
std::string control_outcome(const Json& cell, const std::string& outcome);

}  // namespace walsoak::report
