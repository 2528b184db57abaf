// Verdicts of cells and of runs, with their reasons.
#include "harness/judgement/verdict/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<Mechanism> kMechanisms{{"lock lost", Presence::yes, "b01: first at tick 2"},
                                         {"zombie connection", Presence::no, ""},
                                         {"split generation", Presence::unknown, "nobody looked"}};
const Metrics kMetrics{{"api_open_growth", 6}, {"lost_inside", std::nullopt}, {"wal_unlinked", 7}};

Verdict judged(const ordered_json& expected, const std::string& finding = "leak",
               const std::string& interrupted = "") {
  return judge(Expectation::from_json(expected), Finding{finding, {}, {"why"}}, kMechanisms, kMetrics,
               interrupted);
}

TEST(VerdictTest, PassesWithoutReasons) {
  const Verdict verdict = judged({{"finding", {"wedged", "leak"}},
                                  {"mechanisms", {"lock lost"}},
                                  {"not_mechanisms", {"zombie connection"}},
                                  {"metrics", {{"api_open_growth", 6}}}});
  EXPECT_EQ(verdict.verdict, "pass");
  EXPECT_THAT(verdict.reasons, IsEmpty());
}

TEST(VerdictTest, AnotherFindingFails) {
  const Verdict verdict = judged({{"finding", {"clean", "churn"}}});
  EXPECT_EQ(verdict.verdict, "fail");
  EXPECT_THAT(verdict.reasons, ElementsAre("expected finding clean or churn, seen leak (why)"));
}

TEST(VerdictTest, AnUnknownFindingIsUnknownUnlessAnyWillDo) {
  EXPECT_EQ(judged({{"finding", "clean"}}, "unknown").verdict, "unknown");
  EXPECT_EQ(judged({{"finding", "any"}}, "unknown").verdict, "pass");
}

TEST(VerdictTest, AMissingMechanismFails) {
  const Verdict verdict = judged({{"mechanisms", {"zombie connection"}}});
  EXPECT_EQ(verdict.verdict, "fail");
  EXPECT_THAT(verdict.reasons, ElementsAre("expected mechanism zombie connection, not seen"));
}

TEST(VerdictTest, AMechanismThatMustNotBeFails) {
  const Verdict verdict = judged({{"not_mechanisms", {"lock lost"}}});
  EXPECT_EQ(verdict.verdict, "fail");
  EXPECT_THAT(verdict.reasons, ElementsAre("expected mechanism not lock lost, seen: b01: first at tick 2"));
}

TEST(VerdictTest, AnUnknownMechanismIsUnknownEitherWay) {
  EXPECT_EQ(judged({{"mechanisms", {"split generation"}}}).verdict, "unknown");
  EXPECT_EQ(judged({{"not_mechanisms", {"split generation"}}}).verdict, "unknown");
  EXPECT_EQ(judged({{"mechanisms", {"checkpoint starvation"}}}).verdict, "unknown");
}

TEST(VerdictTest, AMetricOutsideItsConditionFails) {
  const Verdict verdict = judged({{"metrics", {{"api_open_growth", "== wal_unlinked"}}}});
  EXPECT_EQ(verdict.verdict, "fail");
  EXPECT_THAT(verdict.reasons,
              ElementsAre("expected api_open_growth == wal_unlinked, seen 6 (wal_unlinked 7)"));
}

TEST(VerdictTest, AMetricThatIsNotKnownIsUnknown) {
  const Verdict missing = judged({{"metrics", {{"lost_inside", 0}}}});
  EXPECT_EQ(missing.verdict, "unknown");
  EXPECT_THAT(missing.reasons, ElementsAre("expected lost_inside == 0: it is not known"));
  const Verdict against = judged({{"metrics", {{"api_open_growth", "== lost_inside"}}}});
  EXPECT_EQ(against.verdict, "unknown");
}

TEST(VerdictTest, AMetricThatIsNoneIsUnknown) {
  EXPECT_THAT(judged({{"metrics", {{"leaks", 0}}}}).reasons,
              ElementsAre("expected leaks == 0: no such metric"));
  const Verdict other = judged({{"metrics", {{"api_open_growth", "== leaks"}}}});
  EXPECT_EQ(other.verdict, "unknown");
  EXPECT_THAT(other.reasons, ElementsAre("expected api_open_growth == leaks: no such metric: leaks"));
}

TEST(VerdictTest, WhatIsKnownToBeWrongOutweighsWhatIsUnknown) {
  const Verdict verdict = judged({{"finding", "clean"}, {"metrics", {{"lost_inside", 0}}}});
  EXPECT_EQ(verdict.verdict, "fail");
  EXPECT_EQ(verdict.reasons.size(), 2U);
  EXPECT_THAT(verdict.reasons.front(), HasSubstr("expected finding clean"));
}

TEST(VerdictTest, AnInterruptedCellIsUnknownWhateverWasExpected) {
  const Verdict verdict = judged({{"finding", "any"}}, "unknown", "the cell was interrupted");
  EXPECT_EQ(verdict.verdict, "unknown");
  EXPECT_THAT(verdict.reasons, ElementsAre("the cell was interrupted"));
}

std::vector<CellVerdict> run_of(const std::vector<std::pair<const char*, bool>>& verdicts) {
  std::vector<CellVerdict> cells;
  for (const auto& [verdict, control] : verdicts) {
    cells.push_back({"c0" + std::to_string(cells.size() + 1), control, {verdict, {}}});
  }
  apply_controls(cells);
  return cells;
}

TEST(RunVerdictTest, UnknownGoesBeforeFailBeforePass) {
  const auto all_pass = run_of({{"pass", false}, {"pass", true}});
  EXPECT_EQ(run_verdict(all_pass), "pass");
  EXPECT_EQ(exit_code(all_pass), 0);
  const auto one_fails = run_of({{"pass", false}, {"fail", false}, {"pass", true}});
  EXPECT_EQ(run_verdict(one_fails), "fail");
  EXPECT_EQ(exit_code(one_fails), 1);
  const auto one_unknown = run_of({{"fail", false}, {"unknown", false}});
  EXPECT_EQ(run_verdict(one_unknown), "unknown");
  EXPECT_EQ(exit_code(one_unknown), 2);
  EXPECT_EQ(exit_code({}), 2);
}

TEST(RunVerdictTest, AControlThatDidNotPassMakesEveryVerdictUnknown) {
  const auto cells = run_of({{"pass", false}, {"fail", true}, {"fail", false}, {"pass", true}});
  EXPECT_EQ(cells[0].verdict.verdict, "unknown");
  EXPECT_EQ(cells[1].verdict.verdict, "fail");
  EXPECT_EQ(cells[2].verdict.verdict, "unknown");
  EXPECT_EQ(cells[3].verdict.verdict, "unknown");
  EXPECT_THAT(cells[0].verdict.reasons, ElementsAre("the control c02 did not pass (fail)"));
  EXPECT_EQ(run_verdict(cells), "unknown");
  EXPECT_EQ(exit_code(cells), 2);
}

TEST(RunVerdictTest, AFailedControlAloneIsUnknownToo) {
  EXPECT_EQ(exit_code(run_of({{"fail", true}})), 2);
}

}  // namespace
}  // namespace walsoak::judgement
