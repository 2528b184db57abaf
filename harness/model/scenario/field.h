// The optional member `field` of a scenario: what a field report says, in quantities that can be computed
// from a run, so that scripts/field-report can put reported beside measured. walsoak itself only checks its
// form and records it with the scenario; nothing here sets or expects anything of a cell.
#pragma once

#include <nlohmann/json.hpp>

#include "harness/model/scenario/assignments.h"

namespace walsoak::scenario {

// Throws ScenarioError.
void check_field(const nlohmann::ordered_json& field, const Place& place, const Vocabulary& vocabulary);

}  // namespace walsoak::scenario
