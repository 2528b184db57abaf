#include "harness/model/cells/scenario.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

using testing::ElementsAre;

class ScenarioTest : public ScenarioFiles {};

TEST_F(ScenarioTest, ReadsItsHeading) {
  const std::string text =
      R"({"$schema":"./x.json","schema_version":1,"name":"n-1","title":"T","question":"Q?","settings":{}})";
  const Scenario scenario = load_text(text);
  EXPECT_EQ(scenario.name, "n-1");
  EXPECT_EQ(scenario.title, "T");
  EXPECT_EQ(scenario.question, "Q?");
  EXPECT_EQ(scenario.path, folder_ / "s.json");
  EXPECT_EQ(scenario.verbatim.dump(), text);
}

TEST_F(ScenarioTest, IsNamedAfterItsFile) {
  const Scenario scenario = load("");
  EXPECT_EQ(scenario.name, "s");
  EXPECT_EQ(scenario.title, "s");
  EXPECT_EQ(scenario.question, "");
  EXPECT_EQ(error_from([&] { load_scenario(write("My Soak.json", "{\"schema_version\": 1}"), vocabulary_); }),
            "My Soak.json: /name: \"My Soak\" is no name; valid: lower-case letters, digits and hyphens");
}

TEST_F(ScenarioTest, CompletesEveryCell) {
  const Scenario scenario =
      load(R"("settings": {"ticks": 30, "sqlite": {"worker": "3.40.1"}, "claim_ttl_s": 20})");
  nlohmann::ordered_json expected = default_settings();
  expected["ticks"] = 30;
  expected["sqlite.worker"] = "3.40.1";
  expected["claim_ttl_s"] = 20.0;
  EXPECT_EQ(scenario.cells[0].settings.dump(), expected.dump());
}

TEST_F(ScenarioTest, FindsItsAxesInTheOrderOfTheSettings) {
  const Scenario scenario = load(R"("settings": {"workers": 3}, "control": {"boards": 2},
                                    "matrix": {"seed": [1, 2], "workers": [4], "header_check": ["off", "raw"]})");
  EXPECT_THAT(scenario.axes, ElementsAre("boards", "header_check", "seed"));
}

TEST_F(ScenarioTest, RefusesUnknownKeys) {
  EXPECT_EQ(error_of(R"("titel": "x")"),
            "s.json: /titel: unknown key \"titel\"; did you mean \"title\"? valid: $schema, schema_version, "
            "name, title, "
            "question, preset, settings, matrix, control, expect, thresholds, jobs, repeat, field");
  EXPECT_TRUE(error_of(R"("abort_on_fail": true)").starts_with("s.json: /abort_on_fail: unknown key"));
  EXPECT_EQ(error_of(R"("settings": {"header_chek": "raw"})"),
            "s.json: /settings/header_chek: unknown setting \"header_chek\"; did you mean \"header_check\"? "
            "valid: what walsoak list settings shows");
}

TEST_F(ScenarioTest, SaysHowManyCellsRunSideBySide) {
  EXPECT_EQ(load("").jobs, 1);
  EXPECT_EQ(load(R"("jobs": 1)").jobs, 1);
  EXPECT_EQ(load(R"("jobs": 64)").jobs, 64);
  for (const char* wrong : {"0", "65", "-1", "1.5", "\"4\"", "null", "[2]"}) {
    EXPECT_EQ(error_of("\"jobs\": " + std::string(wrong)),
              "s.json: /jobs: " + std::string(wrong) +
                  " is no number of cells side by side; valid: a whole number from 1 to 64");
  }
}

TEST_F(ScenarioTest, SaysHowOftenEachCellIsCarriedOut) {
  EXPECT_EQ(load("").repeat, 1);
  EXPECT_EQ(load(R"("repeat": 5)").repeat, 5);
  for (const char* wrong : {"0", "1001", "2.5", "\"3\"", "null"}) {
    EXPECT_EQ(
        error_of("\"repeat\": " + std::string(wrong)),
        "s.json: /repeat: " + std::string(wrong) +
            " is no number of times that each cell is carried out; valid: a whole number from 1 to 1000");
  }
}

TEST_F(ScenarioTest, RefusesWrongTypes) {
  EXPECT_EQ(error_of_text("[]"), "s.json: [] is of the wrong type; valid: an object");
  EXPECT_EQ(error_of(R"("title": 5)"), "s.json: /title: 5 is of the wrong type; valid: a string");
  EXPECT_EQ(error_of(R"("settings": [1])"), "s.json: /settings: [1] is of the wrong type; valid: an object");
  EXPECT_EQ(error_of(R"("settings": {"boards": "4"})"),
            "s.json: /settings/boards: \"4\" is no value of boards; valid: a whole number from 1 to 1000");
  EXPECT_EQ(error_of(R"("settings": {"boards": 1.5})"),
            "s.json: /settings/boards: 1.5 is no value of boards; valid: a whole number from 1 to 1000");
  EXPECT_EQ(error_of(R"("settings": {"module": null})"),
            "s.json: /settings/module: null is no value of module; valid: a string");
  EXPECT_EQ(error_of(R"("settings": {"header_check": true})"),
            "s.json: /settings/header_check: true is no value of header_check; valid: off, raw, stat");
}

TEST_F(ScenarioTest, RefusesValuesOutOfRange) {
  EXPECT_EQ(error_of(R"("settings": {"boards": 1001})"),
            "s.json: /settings/boards: 1001 is no value of boards; valid: a whole number from 1 to 1000");
  EXPECT_EQ(error_of(R"("settings": {"worker_kill_rate": 1.01})"),
            "s.json: /settings/worker_kill_rate: 1.01 is no value of worker_kill_rate; valid: a number from "
            "0 to 1");
  EXPECT_EQ(error_of(R"("settings": {"seed": 9007199254740994})"),
            "s.json: /settings/seed: 9007199254740994 is no value of seed; "
            "valid: a whole number from 0 to 9007199254740992");
  EXPECT_EQ(
      error_of(R"("settings": {"seed": -1})"),
      "s.json: /settings/seed: -1 is no value of seed; valid: a whole number from 0 to 9007199254740992");
}

TEST_F(ScenarioTest, RefusesUnknownNames) {
  EXPECT_EQ(error_of(R"("settings": {"strategy": "pertick"})"),
            "s.json: /settings/strategy: unknown strategy \"pertick\"; did you mean \"per-tick\"? "
            "valid: what walsoak list strategies shows");
  EXPECT_EQ(error_of(R"("settings": {"subject": "ruby"})"),
            "s.json: /settings/subject: \"ruby\" is no value of subject; valid: cpp, python, exec");
}

TEST_F(ScenarioTest, RefusesWhatIsNoSqlite) {
  EXPECT_EQ(error_of(R"("settings": {"sqlite": "3.40"})"),
            "s.json: /settings/sqlite: \"3.40\" is no value of sqlite.subject; "
            "valid: system, or a version such as 3.40.1");
  EXPECT_EQ(error_of(R"("settings": {"sqlite.worker": "latest"})"),
            "s.json: /settings/sqlite.worker: \"latest\" is no value of sqlite.worker; "
            "valid: system, or a version such as 3.40.1");
  EXPECT_EQ(error_of(R"("settings": {"sqlite": {"wroker": "system"}})"),
            "s.json: /settings/sqlite/wroker: unknown key \"wroker\"; did you mean \"worker\"? "
            "valid: subject, worker, checker");
  EXPECT_EQ(error_of(R"("settings": {"sqlite": {"checker": 3}})"),
            "s.json: /settings/sqlite/checker: 3 is no value of sqlite.checker; valid: a string");
  EXPECT_EQ(error_of(R"("settings": {"sqlite": {}})"),
            "s.json: /settings/sqlite: names no role; valid: an object with subject, worker, checker");
  EXPECT_EQ(error_of(R"("settings": {"sqlite": 3})"),
            "s.json: /settings/sqlite: 3 is no value of sqlite; "
            "valid: a version for all roles, or an object with subject, worker, checker");
  EXPECT_EQ(
      error_of(R"("settings": {"sqlite.checker": "system", "sqlite": "3.40.1"})"),
      "s.json: /settings/sqlite: sets sqlite.checker, as \"sqlite.checker\" does; valid: each setting once");
}

TEST_F(ScenarioTest, NeedsTheVersionOfItsFormat) {
  EXPECT_EQ(error_of_text("{}"), "s.json: /schema_version: missing; valid: 1");
  EXPECT_EQ(error_of_text(R"({"schema_version": 2, "later": true})"),
            "s.json: /schema_version: 2 is no version of this format; valid: 1");
  EXPECT_EQ(error_of_text(R"({"schema_version": "1"})"),
            "s.json: /schema_version: \"1\" is no version of this format; valid: 1");
}

TEST_F(ScenarioTest, NamesLineAndColumnOfASyntaxError) {
  EXPECT_EQ(error_of_text("{\n  \"schema_version\": 1\n  \"name\": \"x\"\n}"),
            "s.json:3:8: syntax error while parsing object - unexpected string literal; expected '}'");
}

TEST_F(ScenarioTest, NamesAFileThatIsNotThere) {
  EXPECT_EQ(error_from([&] { load_scenario(folder_ / "none.json", vocabulary_); }),
            "none.json: cannot be read: No such file or directory; valid: a readable JSON file");
}

TEST_F(ScenarioTest, KeepsHostileTextOnOneLine) {
  const std::string error = error_of(R"("settings": {"a\nb": 1})");
  EXPECT_EQ(error,
            "s.json: /settings/a\\nb: unknown setting \"a\\nb\"; valid: what walsoak list settings shows");
}

}  // namespace
}  // namespace walsoak::scenario
