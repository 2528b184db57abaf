#include "harness/model/scenario/overrides.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

using testing::ElementsAre;

class OverridesTest : public ScenarioFiles {};

TEST_F(OverridesTest, LieOverTheSettings) {
  const Scenario scenario =
      load(R"("settings": {"boards": 4, "workers": 2})",
           {{"boards", "9"}, {"claim_ttl_s", "1.5"}, {"header_check", "raw"}, {"module", ""}});
  EXPECT_EQ(scenario.cells[0].settings["boards"], 9);
  EXPECT_EQ(scenario.cells[0].settings["workers"], 2);
  EXPECT_EQ(scenario.cells[0].settings["claim_ttl_s"], 1.5);
  EXPECT_EQ(scenario.cells[0].settings["header_check"], "raw");
}

// A scenario takes its template along; on the command line a path means what it means to the shell.
TEST_F(OverridesTest, APathOfAFileStartsAtItsFolderAndOneOfTheCommandLineHere) {
  const auto path_of = [](const Scenario& scenario, std::size_t cell = 0) {
    return scenario.cells[cell].settings["board_template"].get<std::string>();
  };
  const std::string members = R"("settings": {"board_template": "boards/../mine.db"})";
  const std::string own = (std::filesystem::canonical(folder_) / "mine.db").string();
  EXPECT_TRUE(std::filesystem::path(path_of(load(members))).is_absolute());
  EXPECT_EQ(std::filesystem::weakly_canonical(path_of(load(members))), own);
  EXPECT_EQ(path_of(load(members, {{"board_template", "a.db"}})), std::filesystem::current_path() / "a.db");
  EXPECT_EQ(path_of(load(members, {{"board_template", "/x/a.db"}})), "/x/a.db");
  EXPECT_EQ(path_of(load(members, {{"board_template", ""}})), "");
  EXPECT_EQ(path_of(load("")), "");
  // A condition is written in the same file, so that its path is the same.
  const Scenario both = load(R"("matrix": {"board_template": ["", "mine.db"]}, "expect": [
      {"when": {}, "finding": "churn"}, {"when": {"board_template": "mine.db"}, "finding": "clean"}])");
  EXPECT_EQ(path_of(both, 1), path_of(load(members)));
  EXPECT_NE(both.cells[0].expected->to_json(), both.cells[1].expected->to_json());
}

TEST_F(OverridesTest, MustBeTextThatJsonCanHold) {
  EXPECT_EQ(error_of("", {{"module", "\xff.py"}}),
            "--set module=\\xff.py: not UTF-8; valid: text that JSON can hold");
}

TEST_F(OverridesTest, ReplaceAnAxisByOneValue) {
  const Scenario scenario =
      load(R"("matrix": [{"boards": [1, 2], "header_check": ["off", "raw"]}, {"boards": [3]}])",
           {{"boards", "5"}});
  ASSERT_EQ(scenario.cells.size(), 2u);
  EXPECT_THAT(scenario.axes, ElementsAre("header_check"));
  EXPECT_EQ(scenario.cells[0].settings["boards"], 5);
  EXPECT_EQ(scenario.cells[1].settings["boards"], 5);
}

TEST_F(OverridesTest, CountInTheOrderOfTheCommandLine) {
  const Scenario scenario =
      load("", {{"sqlite", "3.40.1"}, {"sqlite.worker", "3.54.1"}, {"boards", "2"}, {"boards", "3"}});
  EXPECT_EQ(scenario.cells[0].settings["sqlite.subject"], "3.40.1");
  EXPECT_EQ(scenario.cells[0].settings["sqlite.worker"], "3.54.1");
  EXPECT_EQ(scenario.cells[0].settings["boards"], 3);
}

TEST_F(OverridesTest, TakeTheShorthandAsAnObjectToo) {
  const Scenario scenario = load("", {{"sqlite", R"({"checker": "3.40.1"})"}});
  EXPECT_EQ(scenario.cells[0].settings["sqlite.subject"], "system");
  EXPECT_EQ(scenario.cells[0].settings["sqlite.checker"], "3.40.1");
}

TEST_F(OverridesTest, TakeFaultsAsAList) {
  const Scenario scenario = load(R"("matrix": {"faults": [[], [{"fault": "worker-kill", "at_tick": 3}]]})",
                                 {{"faults", R"([{"fault": "disk-full", "at_tick": 4}])"}});
  ASSERT_EQ(scenario.cells.size(), 1u);
  EXPECT_EQ(scenario.cells[0].settings["faults"].dump(), R"([{"at_tick":4,"fault":"disk-full"}])");
  EXPECT_TRUE(error_of("", {{"faults", "worker-kill"}}).starts_with("--set faults"))
      << error_of("", {{"faults", "worker-kill"}});
  EXPECT_TRUE(error_of("", {{"faults", R"([{"fault": "disk-full"}])"}})
                  .ends_with("disk-full lacks at_tick; valid: the tick before which it happens"))
      << error_of("", {{"faults", R"([{"fault": "disk-full"}])"}});
}

TEST_F(OverridesTest, LeaveControlsTheirValue) {
  const Scenario scenario = load(R"("control": {"header_check": "off"})", {{"header_check", "raw"}});
  ASSERT_EQ(scenario.cells.size(), 2u);
  EXPECT_EQ(scenario.cells[0].settings["header_check"], "raw");
  EXPECT_EQ(scenario.cells[1].settings["header_check"], "off");
  EXPECT_EQ(scenario.cells[1].control_of, "c01");
}

TEST_F(OverridesTest, MayTakeAConditionItsCells) {
  const Scenario scenario = load(R"("matrix": {"strategy": ["per-tick", "noop"]}, "expect": [
      {"when": {}, "finding": "churn"}, {"when": {"strategy": "noop"}, "finding": "clean"}])",
                                 {{"strategy", "per-tick"}});
  ASSERT_EQ(scenario.cells.size(), 1u);
  EXPECT_THAT(scenario.cells[0].expected->findings, ElementsAre("churn"));
}

TEST_F(OverridesTest, MayNotLeaveACellUnmatched) {
  EXPECT_EQ(error_of(R"("expect": [{"when": {"boards": 1}, "finding": "churn"}])", {{"boards", "2"}}),
            "s.json: /expect: no entry matches cell c01; "
            "valid: a list that matches every cell, as an entry with \"when\": {} at its head does");
}

TEST_F(OverridesTest, AreNamedInTheirErrors) {
  EXPECT_EQ(error_of("", {{"bords", "2"}}),
            "--set bords=2: unknown setting \"bords\"; did you mean \"boards\"? valid: what walsoak list "
            "settings shows");
  EXPECT_EQ(error_of("", {{"boards", "0"}}),
            "--set boards=0: 0 is no value of boards; valid: a whole number from 1 to 1000");
  EXPECT_EQ(error_of("", {{"boards", "two"}}),
            "--set boards=two: \"two\" is no value of boards; valid: a whole number from 1 to 1000");
  EXPECT_EQ(error_of("", {{"boards", "[1]"}}),
            "--set boards=[1]: \"[1]\" is no value of boards; valid: a whole number from 1 to 1000");
  EXPECT_EQ(error_of("", {{"strategy", "persistant"}}),
            "--set strategy=persistant: unknown strategy \"persistant\"; did you mean \"persistent\"? "
            "valid: what walsoak list strategies shows");
  EXPECT_EQ(error_of("", {{"sqlite", "latest"}}),
            "--set sqlite=latest: \"latest\" is no value of sqlite.subject; valid: system, or a version such "
            "as 3.40.1");
  EXPECT_EQ(error_of("", {{"sqlite", "{\"worker\": 3}"}}),
            "--set sqlite={\"worker\": 3}: /worker: 3 is no value of sqlite.worker; valid: a string");
  EXPECT_EQ(error_of("", {{"ticks", "5"}}),
            "--set ticks=5: warmup_ticks 5 is not less than ticks 5; "
            "valid: with these ticks, warmup_ticks from 0 to 4");
}

TEST_F(OverridesTest, DoNotExcuseTheFile) {
  EXPECT_EQ(error_of(R"("settings": {"ticks": 5})", {{"ticks", "50"}}).substr(0, 23),
            "s.json: /settings/ticks");
}

}  // namespace
}  // namespace walsoak::scenario
