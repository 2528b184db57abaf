// `--set key=value` on the command line: values that lie over everything that the scenario's settings and
// matrix say.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/model/scenario/assignments.h"

namespace walsoak::scenario {

// Key and value as text, in the order of the command line; the last one counts.
using Overrides = std::vector<std::pair<std::string, std::string>>;

// Throws ScenarioError whose line starts with "--set key=value".
std::vector<Assignment> read_overrides(const Overrides& overrides, const Vocabulary& vocabulary);

}  // namespace walsoak::scenario
