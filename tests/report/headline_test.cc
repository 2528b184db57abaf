// The answer in one sentence, and the evidence below it.
#include "harness/report/answer/headline.h"

#include <gmock/gmock.h>

#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Json made_cell(const char* name, const char* finding, const Json& more = Json::object()) {
  Json made = cell(name, Json::object(), finding);
  made.update(more);
  return made;
}

Json loss_where(const Json& where) {
  return {
      {"outcome", "data loss"},
      {"kind", "finding"},
      {"cells", {"c01"}},
      {"of", 3},
      {"exact", true},
      {"where", where},
      {"no_difference", {"b"}},
      {"controls",
       {{{"with", "c01"}, {"without", "c02"}, {"differs", "a"}, {"with_value", 1}, {"without_value", 0}}}}};
}

Json a_run(const Json& where) {
  Json run = {{"cells", Json::array()}, {"conditions", Json::array()}};
  run["cells"] = {made_cell("c01", "data loss",
                            {{"evidence", {"b01: 3 of 7 acknowledged commits are not in the final copy"}},
                             {"metrics", {{"acknowledged", 7}, {"lost_commits", 3}}}}),
                  made_cell("c02", "clean", {{"metrics", {{"acknowledged", 9}, {"lost_commits", 0}}}}),
                  made_cell("c03", "churn", {{"control_of", "c02"}, {"verdict", "fail"}})};
  run["conditions"].push_back(loss_where(where));
  return run;
}

TEST(HeadlineTest, SaysWhatWasSeenWhereAndHowOften) {
  EXPECT_EQ(answer_text(a_run({{{"a", {1}}}})),
            "Data loss exactly where a = 1 (1 of 3 cells); elsewhere churn in 1 cell and clean in 1.");
}

TEST(HeadlineTest, ARuleThatTakesLongToSayIsLeftToTheTable) {
  EXPECT_EQ(answer_text(a_run({{{"a", {1}}}, {{"b", {2}}}})),
            "Data loss in 1 of 3 cells; elsewhere churn in 1 cell and clean in 1.");
}

TEST(HeadlineTest, EvidenceHasNumbersControlAndTheCommitsOfAllCells) {
  EXPECT_THAT(
      evidence_lines(a_run({{{"a", {1}}}})),
      ElementsAre(
          "**Data loss**. Seen in c01: b01: 3 of 7 acknowledged commits are not in the final copy. "
          "Control, c01 with one value changed: a = 0 (c02: clean, 0 commits lost). No difference: b.",
          "**Commits**: of 16 acknowledged in 2 cells 3 are lost for good.",
          "**Controls of the run** (marked `*`): 1, of which c03 did not pass."));
}

TEST(HeadlineTest, OfACellAloneItSaysFindingAndEvidence) {
  Json run = a_run(Json::array({Json::object()}));
  run["cells"] =
      Json::array({made_cell("c01", "leak", {{"also", {"churn"}}, {"evidence", {"6 more at tick 59"}}})});
  EXPECT_EQ(answer_text(run), "Leak, churn: 6 more at tick 59.");
}

TEST(HeadlineTest, MechanismsAreCounted) {
  Json run = a_run({{{"a", {1}}}});
  run["cells"][0]["mechanisms"] = {{{"name", "lock lost"}, {"evidence", "e"}}};
  run["cells"][1]["mechanisms"] = {{{"name", "lock lost"}, {"evidence", "e"}},
                                   {{"name", "x"}, {"evidence", "e"}}};
  EXPECT_EQ(mechanisms_line(run), "**Mechanisms**: lock lost (2 cells) and x (1).");
  EXPECT_EQ(mechanisms_line(a_run({{{"a", {1}}}})), "");
}

TEST(HeadlineTest, ACopyThatCannotBeReadIsNoZero) {
  Json run = a_run({{{"a", {1}}}});
  run["cells"][0]["metrics"] = {{"acknowledged", 7}, {"lost_commits", nullptr}, {"integrity_failed", 1}};
  EXPECT_THAT(evidence_lines(run)[1], HasSubstr("in 1 more nobody can count, a final copy cannot be read"));
}

}  // namespace
}  // namespace walsoak::report
