// Measures the metrics of a cell (model/vocabulary/metrics.h, docs/record.md) from its facts.
#pragma once

#include "harness/evidence/facts/facts.h"
#include "harness/model/vocabulary/condition.h"

namespace walsoak::judgement {

// Every metric of metrics_table() that this cell has: lockstep cells have none of the free-running ones, and
// of these a cell has only those that were taken.
Metrics metrics_of(const facts::CellFacts& facts);

}  // namespace walsoak::judgement
