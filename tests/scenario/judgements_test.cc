#include "harness/model/cells/judgements.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

using nlohmann::ordered_json;

class JudgementsTest : public ScenarioFiles {
 protected:
  Judgements of(const std::string& members) const {
    return {write("gate.json", R"({"schema_version": 1, )" + members + "}"), vocabulary_};
  }
  std::string error_with(const std::string& members, const ordered_json& scenarios) const {
    return error_from([&] { of(members).scenario_among(scenarios); });
  }

  const ordered_json content_ = {{"schema_version", 1},
                                 {"settings", {{"ticks", 9}, {"boards", 2}}},
                                 {"matrix", {{"strategy", {"noop", "pool"}}}},
                                 {"expect", "any"}};
  const ordered_json run_ = {{{"path", "a.json"}, {"content", content_}}};
  const std::string valid_ =
      "valid: the run's own scenario with another `expect` or `thresholds`, or a file that has these two "
      "alone";
};

TEST_F(JudgementsTest, AFileWithoutCellsIsForAnyRun) {
  EXPECT_EQ(of(R"("thresholds": ["lost_commits == 0"])").scenario_among(run_), std::nullopt);
  EXPECT_EQ(of(R"("expect": "any")").scenario_among(ordered_json::array()), std::nullopt);
}

TEST_F(JudgementsTest, TheSameCellsWithOtherExpectationsAreTheRunsScenario) {
  const Judgements same =
      of(R"("settings": {"boards": 2, "ticks": 9}, "matrix": {"strategy": ["noop", "pool"]},
                                "expect": [{"when": {}, "finding": "clean"}])");
  EXPECT_EQ(same.scenario_among(run_), 0U);
  const ordered_json two = {{{"path", "b.json"}, {"content", {{"schema_version", 1}}}}, run_.front()};
  EXPECT_EQ(same.scenario_among(two), 1U);
}

TEST_F(JudgementsTest, OtherCellsAreRefusedWithTheFirstDifference) {
  EXPECT_EQ(
      error_with(R"("settings": {"boards": 3, "ticks": 9}, "matrix": {"strategy": ["noop", "pool"]},
                          "expect": "any")",
                 run_),
      "gate.json: /settings/boards: the cells are not those of the run, which was made of a.json; " + valid_);
  EXPECT_EQ(error_with(R"("settings": {"ticks": 9}, "expect": "any")", ordered_json::array()),
            "gate.json: describes cells, but the run was made of no scenario; " + valid_);
}

TEST_F(JudgementsTest, AFileThatExpectsNothingIsRefused) {
  EXPECT_EQ(error_with(R"("settings": {"ticks": 9})", run_),
            "gate.json: has neither `expect` nor `thresholds` to judge by; " + valid_);
}

TEST_F(JudgementsTest, AWrongTypeIsAnsweredWithAnExample) {
  EXPECT_EQ(
      error_with(R"("expect": "clean")", run_),
      "gate.json: /expect: \"clean\" is no expectation; valid: \"any\", or a list such as [{\"when\": {}, "
      "\"finding\": \"clean\"}]");
}

}  // namespace
}  // namespace walsoak::scenario
