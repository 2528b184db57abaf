// The metrics of a cell (docs/record.md): flat names to whole numbers, for expectations and tables.
#pragma once

#include <map>
#include <string>

#include "harness/verdict/facts.h"
#include "harness/verdict/words.h"

namespace walsoak::verdict {

// A metric that is here without a value was not to be known; a name that is not here is no metric.
using Metrics = std::map<std::string, Count>;

Metrics metrics_of(const CellFacts& facts);

}  // namespace walsoak::verdict
