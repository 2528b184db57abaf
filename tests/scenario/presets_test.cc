#include "harness/model/scenario/presets.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

class Presets : public ScenarioFiles {
 protected:
  static std::string presets(const std::string& members) {
    return "{\"schema_version\": 1, \"presets\": {" + members + "}}";
  }

  // Loads a scenario that stands two folders down from the default folder's sibling.
  Scenario load_in(const std::string& place, const std::string& members) const {
    const auto path = write(place, "{\"schema_version\": 1, " + members + "}");
    return load_scenario(path, vocabulary_, {}, folder_ / "shipped");
  }
  std::string error_in(const std::string& place, const std::string& members) const {
    return error_from([&] { load_in(place, members); });
  }
};

TEST_F(Presets, LieUnderTheSettings) {
  write("fixes.json",
        presets(R"("p": {"title": "t", "thread": "#1", "settings": {"boards": 5, "workers": 7}})"));
  const Scenario scenario = load(R"("preset": "p", "settings": {"workers": 2})");
  EXPECT_EQ(scenario.cells[0].settings["boards"], 5);
  EXPECT_EQ(scenario.cells[0].settings["workers"], 2);
}

TEST_F(Presets, AFixWinsOverTheConditionAndLeavesTheRest) {
  write("fixes.json", presets(R"("may": {"settings": {"header_check": "raw", "workers": 3}},
                                 "stat": {"settings": {"header_check": "stat"}})"));
  const Scenario scenario = load(R"("preset": "may", "settings": {"boards": 2},
      "matrix": {"fix": ["none", "stat"], "header_check": ["raw", "off"]})");
  ASSERT_EQ(scenario.cells.size(), 3u) << "stat over raw and over off is the same cell";
  EXPECT_EQ(scenario.cells[0].settings["header_check"], "raw");
  EXPECT_EQ(scenario.cells[1].settings["header_check"], "off");
  EXPECT_EQ(scenario.cells[2].settings["header_check"], "stat");
  EXPECT_EQ(scenario.cells[2].settings["fix"], "stat");
  EXPECT_EQ(scenario.cells[2].settings["workers"], 3);
  EXPECT_EQ(scenario.cells[2].settings["boards"], 2);
}

// Cells that differ in nothing but what the fix sets would be one, and the others vanish.
TEST_F(Presets, AFixMayNotSetWhatTheMatrixNames) {
  write("fixes.json", presets(R"("may": {"settings": {"workers": 3}},
                                 "stat": {"settings": {"header_check": "stat"}})"));
  constexpr const char* kSays =
      " fix stat sets header_check, which the matrix names; valid: a matrix without header_check, or another "
      "fix";
  EXPECT_EQ(error_in("s.json", R"("settings": {"fix": "stat"}, "matrix": {"header_check": ["stat"]})"),
            std::string("s.json: /matrix/header_check/0:") + kSays);
  EXPECT_EQ(error_in("s.json", R"("settings": {"fix": "may"}, "matrix": {"header_check": ["raw", "off"]})"),
            "no error");

  const auto path = write("s.json", R"({"schema_version": 1, "matrix": {"header_check": ["raw", "off"]}})");
  EXPECT_THAT(error_from([&] {
                load_scenario(path, vocabulary_, {{"fix", "stat"}});
              }),
              testing::HasSubstr(kSays));
  EXPECT_EQ(load_scenario(path, vocabulary_, {{"fix", "stat"}, {"header_check", "raw"}}).cells.size(), 1u)
      << "the command line names both";
}

TEST_F(Presets, WhatFollowsFromTheFixIsNoAxis) {
  write("fixes.json", presets(R"("a": {"settings": {"header_check": "stat", "workers": 2}},
                                 "b": {"settings": {"header_check": "raw"}})"));
  const Scenario scenario = load(R"("matrix": {"fix": ["none", "a", "b"], "workers": [2, 3]})");
  EXPECT_EQ(scenario.axes, (std::vector<std::string>{"fix", "workers"}))
      << "workers differ with the same fix, too";
}

TEST_F(Presets, AnOverrideChoosesTheFixAndWinsOverIt) {
  write("fixes.json", presets(R"("a": {"settings": {"boards": 5, "workers": 7}})"));
  const auto path = write("s.json", R"({"schema_version": 1, "settings": {"boards": 2, "workers": 2}})");
  const Scenario scenario = load_scenario(path, vocabulary_, {{"fix", "a"}, {"workers", "1"}});
  EXPECT_EQ(scenario.cells[0].settings["boards"], 5);
  EXPECT_EQ(scenario.cells[0].settings["workers"], 1);
}

TEST_F(Presets, AControlMayTakeTheFixAway) {
  write("fixes.json", presets(R"("a": {"settings": {"boards": 5}})"));
  const Scenario scenario =
      load(R"("settings": {"boards": 2}, "matrix": {"fix": ["a"]}, "control": {"fix": "none"})");
  ASSERT_EQ(scenario.cells.size(), 2u);
  EXPECT_EQ(scenario.cells[1].control_of, "c01");
  EXPECT_EQ(scenario.cells[1].settings["boards"], 2);
}

TEST_F(Presets, AnUnknownFixIsRefusedWhereItStands) {
  write("fixes.json", presets(R"("close-always": {"settings": {}})"));
  EXPECT_EQ(error_in("s.json", R"("matrix": {"fix": ["close-allways"]})"),
            "s.json: /matrix/fix/0: unknown preset \"close-allways\"; did you mean \"close-always\"? valid: "
            "close-always");
}

TEST_F(Presets, AreFoundBesideAboveAndInTheDefaultFolder) {
  write("a/b/fixes.json",
        presets(R"("beside": {"settings": {"boards": 2}}, "p": {"settings": {"boards": 20}})"));
  write("a/fixes.json",
        presets(R"("above": {"settings": {"boards": 3}}, "p": {"settings": {"boards": 30}})"));
  write("shipped/fixes.json",
        presets(R"("shipped": {"settings": {"boards": 4}}, "p": {"settings": {"boards": 40}})"));
  const auto boards = [&](const std::string& preset) {
    return load_in("a/b/s.json", "\"preset\": \"" + preset + "\"").cells[0].settings["boards"].get<int>();
  };
  EXPECT_EQ(boards("beside"), 2);
  EXPECT_EQ(boards("above"), 3);
  EXPECT_EQ(boards("shipped"), 4);
  EXPECT_EQ(boards("p"), 20) << "the nearest file counts";
}

TEST_F(Presets, SuggestTheNearestName) {
  write("s/fixes.json", presets(R"("may-2026": {"settings": {}})"));
  write("shipped/fixes.json", presets(R"("june-2026": {"settings": {}})"));
  EXPECT_EQ(error_in("s/s.json", R"("preset": "mai-2026")"),
            "s/s.json: /preset: unknown preset \"mai-2026\"; did you mean \"may-2026\"? valid: may-2026, "
            "june-2026");
}

TEST_F(Presets, SayWhereAFileWouldBe) {
  EXPECT_EQ(error_in("s/s.json", R"("preset": "p")"),
            "s/s.json: /preset: unknown preset \"p\"; valid: a preset of a fixes.json beside the scenario or "
            "above it");
  EXPECT_EQ(error_in("s/s.json", R"("preset": 3)"),
            "s/s.json: /preset: 3 is of the wrong type; valid: a string");
}

TEST_F(Presets, AreCheckedAsStrictly) {
  const auto error_with = [&](const std::string& text) {
    write("s/fixes.json", text);
    return error_in("s/s.json", R"("preset": "p")");
  };
  EXPECT_EQ(error_with(presets(R"("p": {"settings": {"boards": 0}})")),
            "s/fixes.json: /presets/p/settings/boards: 0 is no value of boards; valid: a whole number from 1 "
            "to 1000");
  EXPECT_EQ(error_with(presets(R"("p": {"setings": {}})")),
            "s/fixes.json: /presets/p/setings: unknown key \"setings\"; did you mean \"settings\"? "
            "valid: title, thread, state, seen_in, settings");
  EXPECT_EQ(error_with(presets(R"("p": {"title": "t"})")),
            "s/fixes.json: /presets/p/settings: missing; valid: an object of settings");
  EXPECT_EQ(error_with(presets(R"("p": {"title": 1, "settings": {}})")),
            "s/fixes.json: /presets/p/title: 1 is of the wrong type; valid: a string");
  EXPECT_EQ(error_with(presets(R"("p": {"settings": {}}, "p": {"settings": {}})")),
            "s/fixes.json: /presets/p: stands twice in one object; valid: each key once");
  EXPECT_EQ(error_with(R"({"schema_version": 1})"),
            "s/fixes.json: /presets: missing; valid: an object of presets");
  EXPECT_EQ(error_with(R"({"schema_version": 2, "presets": {}})"),
            "s/fixes.json: /schema_version: 2 is no version of this format; valid: 1");
  EXPECT_EQ(error_with("{"),
            "s/fixes.json:1:2: syntax error while parsing object key - unexpected end of input; expected "
            "string literal");
}

TEST_F(Presets, AreNamedWhereACellRuleBreaks) {
  write("fixes.json", presets(R"("p": {"settings": {"warmup_ticks": 100}})"));
  EXPECT_EQ(error_of(R"("preset": "p")"),
            "fixes.json: /presets/p/settings/warmup_ticks: warmup_ticks 100 is not less than ticks 60; "
            "valid: with these ticks, warmup_ticks from 0 to 59");
}

}  // namespace
}  // namespace walsoak::scenario
