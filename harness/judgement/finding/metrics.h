// The metrics of a cell (docs/record.md): flat names to whole numbers, for expectations and tables.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/facts.h"

namespace walsoak::judgement {

// A metric that is here without a value was not to be known; a name that is not here is no metric.
using Metrics = std::map<std::string, Count>;

Metrics metrics_of(const facts::CellFacts& facts);

// The names of all metrics that any cell has, and of those that free-running cells alone have, in order.
std::vector<std::string> metric_names();
std::vector<std::string> free_running_metric_names();

}  // namespace walsoak::judgement
