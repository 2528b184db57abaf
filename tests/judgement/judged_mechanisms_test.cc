#include "harness/model/vocabulary/mechanisms.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "harness/evidence/facts/facts.h"
#include "harness/judgement/mechanism/mechanisms.h"

namespace walsoak::judgement {
namespace {

TEST(VocabularyTest, EveryMechanismIsJudgedInTheOrderOfItsTable) {
  const auto names = mechanism_names();
  const std::vector<Mechanism> judged = mechanisms_of(facts::CellFacts());
  std::vector<std::string_view> seen;
  for (const Mechanism& mechanism : judged) seen.push_back(mechanism.name);
  EXPECT_EQ(seen, std::vector<std::string_view>(names.begin(), names.end()));
}

}  // namespace
}  // namespace walsoak::judgement
