// The rules that bind two settings of a cell, each valid for itself, to each other.
#pragma once

#include "harness/model/cells/cells.h"

namespace walsoak::scenario {

// Throws ScenarioError at the value that was laid on last of those that clash.
void check_rules(const Draft& cell);

}  // namespace walsoak::scenario
