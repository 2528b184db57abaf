// What was seen in a cell, in one word with its numbers: the first that holds of data loss, wedged, leak,
// bounded growth, churn, clean; unknown where the data for one that would go before it is missing.
#pragma once

#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/facts.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::judgement {

struct Finding {
  std::string name = kUnknown;
  std::vector<std::string> also;      // what else holds
  std::vector<std::string> evidence;  // lines with numbers; the first says why `name`
};

// Each by itself, without regard to those that go before it.
Judgement data_loss(const facts::DataFacts& data);
Judgement wedged(const facts::StepFacts& steps);
// Boards with failed passes that are not wedged.
Judgement failing(const facts::StepFacts& steps);
Judgement churn(const facts::CellFacts& facts);

Finding find(const facts::CellFacts& facts);
// Of a cell that has not ended, without a judgement on its data: the first that holds of wedged, leak,
// bounded growth, churn, else clean; unknown where there is too little yet to tell one that would go before
// it.
Finding find_so_far(const facts::CellFacts& facts);

}  // namespace walsoak::judgement
