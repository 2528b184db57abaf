#include "harness/model/vocabulary/vocabulary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/facts/facts.h"
#include "harness/judgement/mechanism/mechanisms.h"

namespace walsoak::judgement {
namespace {

// What a verdict can name, a scenario can expect; a word of one list alone would be an expectation that no
// cell can meet, or a finding that no scenario can ask for.
TEST(VocabularyTest, FindingsAreThoseOfScenarios) {
  const auto names = finding_names();
  const std::set<std::string_view> known(names.begin(), names.end());
  EXPECT_EQ(known, (std::set<std::string_view>{kDataLoss, kWedged, kLeak, kBoundedGrowth, kChurn, kClean,
                                               kUnknown}));
}

TEST(VocabularyTest, MechanismsThatAreJudgedCanBeExpected) {
  const auto names = mechanism_names();
  const std::vector<Mechanism> judged = mechanisms_of(facts::CellFacts());
  EXPECT_GE(judged.size(), 10U);
  for (const Mechanism& mechanism : judged) {
    EXPECT_NE(std::find(names.begin(), names.end(), mechanism.name), names.end()) << mechanism.name;
  }
}

}  // namespace
}  // namespace walsoak::judgement
