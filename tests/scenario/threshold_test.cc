// Thresholds of a scenario file: their forms, the cells that they are for, and what is refused.
#include <gtest/gtest.h>

#include "harness/model/cells/judgements.h"
#include "harness/model/cells/scenario.h"
#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

class ThresholdTest : public ScenarioFiles {
 protected:
  std::string thresholds_error(const std::string& list) { return error_of(R"("thresholds": )" + list); }
};

TEST_F(ThresholdTest, StandBesideWhatACellIsExpectedToShow) {
  const Scenario scenario =
      load(R"("settings": {"ticks": 9}, "matrix": {"strategy": ["per-tick", "noop"]}, "expect": "any",
      "thresholds": ["lost_commits == 0",
                     {"threshold": "wal_created == wal_unlinked", "when": {"strategy": "noop"}, "abort_on_fail": true, "grace_s": 90}])");
  ASSERT_EQ(scenario.cells.size(), 2U);
  EXPECT_EQ(scenario.cells[0].expected->to_json()["thresholds"].dump(),
            R"([{"threshold":"lost_commits == 0"}])");
  EXPECT_EQ(
      scenario.cells[1].expected->to_json()["thresholds"].dump(),
      R"([{"threshold":"lost_commits == 0"},{"threshold":"wal_created == wal_unlinked","abort_on_fail":true,"grace_s":90.0}])");
  EXPECT_EQ(scenario.cells[0].expected->to_json()["finding"], "any");
}

TEST_F(ThresholdTest, WithoutExpectationsACellMustBeCleanOrChurnAsWell) {
  const Scenario scenario = load(R"("settings": {"ticks": 9}, "thresholds": ["lost_commits == 0"])");
  EXPECT_EQ(scenario.cells[0].expected->to_json()["finding"].dump(), R"(["clean","churn"])");
}

TEST_F(ThresholdTest, MisspeltAndMissingMetricsAreRefused) {
  EXPECT_EQ(thresholds_error(R"(["lost_commit == 0"])"),
            "s.json: /thresholds/0: unknown metric \"lost_commit\"; did you mean \"lost_commits\"? "
            "valid: what walsoak list metrics shows");
  EXPECT_EQ(thresholds_error(R"(["tick_p99_us < 20000"])"),
            "s.json: /thresholds/0: tick_p99_us is a metric of free-running cells; valid: mode free, or "
            "another metric");
  EXPECT_EQ(error_of(R"("settings": {"mode": "free"}, "thresholds": ["tick_p99_us < 20000"])"), "no error");
}

TEST_F(ThresholdTest, WhatIsNoComparisonIsRefused) {
  EXPECT_EQ(thresholds_error(R"(["lost_commits"])"),
            "s.json: /thresholds/0: \"lost_commits\" is no comparison; valid: a metric, an operator and a "
            "number, as "
            "\"lost_commits == 0\"");
  EXPECT_NE(thresholds_error(R"(["lost_commits = 0"])"), "no error");
  EXPECT_NE(thresholds_error(R"([7])"), "no error");
  EXPECT_NE(thresholds_error(R"("lost_commits == 0")"), "no error");
  EXPECT_NE(thresholds_error(R"([{"threshold": "lost_commits == 0", "grace_s": 5}])"), "no error");
  EXPECT_NE(thresholds_error(R"([{"threshold": "lost_commits == 0", "abort_on_fail": 1}])"), "no error");
  EXPECT_NE(thresholds_error(R"([{"threshold": "lost_commits == 0", "abort_on_fail": true, "grace_s": -1}])"),
            "no error");
  EXPECT_NE(thresholds_error(R"([{"when": {}}])"), "no error");
}

TEST_F(ThresholdTest, ACellThatNoThresholdIsForIsSaid) {
  EXPECT_EQ(thresholds_error(R"([{"threshold": "lost_commits == 0", "when": {"strategy": "noop"}}])"),
            "s.json: /thresholds/0/when/strategy: no cell has strategy \"noop\"; valid: \"per-tick\"");
}

TEST_F(ThresholdTest, AnotherFileJudgesAStoredCell) {
  write(
      "gate.json",
      R"({"schema_version": 1, "thresholds": [{"threshold": "lost_commits == 0", "when": {"strategy": "pool"}}]})");
  const Judgements judgements(folder_ / "gate.json", vocabulary_);
  const nlohmann::ordered_json stored = {
      {"finding", "leak"}, {"metrics", {}}, {"thresholds", {{{"threshold", "x == 1"}}}}};
  EXPECT_EQ(judgements.of({{"strategy", "noop"}}, stored).dump(), R"({"finding":"leak","metrics":null})");
  EXPECT_EQ(judgements.of({{"strategy", "pool"}}, stored)["thresholds"].dump(),
            R"([{"threshold":"lost_commits == 0"}])");
  EXPECT_TRUE(judgements.speak_of({{"strategy", "pool"}}));
  EXPECT_FALSE(judgements.speak_of({{"strategy", "noop"}}));
  write("any.json", R"({"schema_version": 1, "expect": "any"})");
  EXPECT_EQ(Judgements(folder_ / "any.json", vocabulary_).of({}, stored)["finding"], "any");
}

}  // namespace
}  // namespace walsoak::scenario
