#include "harness/model/scenario/matrix.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

using testing::ElementsAre;

class Matrix : public ScenarioFiles {
 protected:
  // The differing values of each cell, compact.
  std::vector<std::string> cells(const std::string& members) const {
    std::vector<std::string> all;
    for (const Cell& cell : load(members).cells) all.push_back(cell.differs.dump());
    return all;
  }
};

TEST_F(Matrix, IsOneCellOfDefaultsWithoutOne) {
  const Scenario scenario = load("");
  ASSERT_EQ(scenario.cells.size(), 1u);
  EXPECT_EQ(scenario.cells[0].settings, default_settings());
  EXPECT_EQ(scenario.cells[0].differs.dump(), "{}");
  EXPECT_THAT(scenario.axes, ElementsAre());
}

TEST_F(Matrix, VariesTheLastKeyFastest) {
  EXPECT_THAT(cells(R"("matrix": {"header_check": ["off", "raw"], "boards": [1, 2]})"),
              ElementsAre(R"({"boards":1,"header_check":"off"})", R"({"boards":2,"header_check":"off"})",
                          R"({"boards":1,"header_check":"raw"})", R"({"boards":2,"header_check":"raw"})"));
}

TEST_F(Matrix, ExpandsEachObjectOfAListAlone) {
  EXPECT_THAT(cells(R"("matrix": [{"boards": [2], "notifier": [0]}, {"boards": [3, 4]}])"),
              ElementsAre(R"({"boards":2,"notifier":0})", R"({"boards":3,"notifier":1})",
                          R"({"boards":4,"notifier":1})"));
}

TEST_F(Matrix, MergesEqualCellsOfSeveralObjects) {
  EXPECT_THAT(cells(R"("matrix": [{"boards": [1, 2]}, {"boards": [2, 3]}, {}])"),
              ElementsAre(R"({"boards":1})", R"({"boards":2})", R"({"boards":3})"));
}

TEST_F(Matrix, LiesOverTheSettings) {
  EXPECT_THAT(
      cells(R"("settings": {"boards": 7, "workers": 2}, "matrix": [{"boards": [1]}, {"workers": [5]}])"),
      ElementsAre(R"({"boards":1,"workers":2})", R"({"boards":7,"workers":5})"));
}

TEST_F(Matrix, TakesTheShorthandAsAnAxis) {
  EXPECT_THAT(cells(R"("matrix": {"sqlite": ["3.40.1", {"worker": "3.54.1", "checker": "3.40.1"}]})"),
              ElementsAre(R"({"sqlite.subject":"3.40.1","sqlite.worker":"3.40.1"})",
                          R"({"sqlite.subject":"system","sqlite.worker":"3.54.1"})"));
}

TEST_F(Matrix, TakesWholeAndFractionalSpellingsAsOneValue) {
  EXPECT_THAT(cells(R"("matrix": [{"tick_interval_s": [60]}, {"tick_interval_s": [60.0]}])"),
              ElementsAre("{}"));
}

TEST_F(Matrix, NamesCellsAsWideAsNeeded) {
  std::string seeds = "0";
  for (int seed = 1; seed < 100; ++seed) seeds += ", " + std::to_string(seed);
  const Scenario hundred = load("\"matrix\": {\"seed\": [" + seeds + "]}");
  EXPECT_EQ(hundred.cells.front().id, "c001");
  EXPECT_EQ(hundred.cells.back().id, "c100");
  EXPECT_EQ(load("").cells.front().id, "c01");
}

TEST_F(Matrix, RefusesWhatIsNoAxis) {
  EXPECT_EQ(error_of(R"("matrix": {"boards": 1})"),
            "s.json: /matrix/boards: 1 is of the wrong type; valid: a list");
  EXPECT_EQ(error_of(R"("matrix": {"boards": []})"),
            "s.json: /matrix/boards: has no values; valid: a list of one value or more");
  EXPECT_EQ(error_of(R"("matrix": [{}, {"boards": [1, 2, 1]}])"),
            "s.json: /matrix/1/boards/2: 1 stands twice; valid: each value once");
  EXPECT_EQ(error_of(R"("matrix": [])"),
            "s.json: /matrix: has no objects; valid: an object, or a list of one object or more");
  EXPECT_EQ(error_of(R"("matrix": "all")"),
            "s.json: /matrix: \"all\" is of the wrong type; valid: an object");
  EXPECT_EQ(error_of(R"("matrix": [{}, 3])"), "s.json: /matrix/1: 3 is of the wrong type; valid: an object");
}

TEST_F(Matrix, ChecksEachValue) {
  EXPECT_EQ(error_of(R"("matrix": {"bords": [1]})"),
            "s.json: /matrix/bords: unknown setting \"bords\"; did you mean \"boards\"? "
            "valid: what walsoak list settings shows");
  EXPECT_EQ(error_of(R"("matrix": [{"header_check": ["off", "row"]}])"),
            "s.json: /matrix/0/header_check/1: \"row\" is no value of header_check; did you mean \"raw\"? "
            "valid: off, raw, stat");
}

TEST_F(Matrix, RefusesTwoAxesOfOneSetting) {
  EXPECT_EQ(
      error_of(R"("matrix": {"sqlite": ["system"], "sqlite.worker": ["3.40.1"]})"),
      "s.json: /matrix/sqlite.worker/0: sets sqlite.worker, as \"sqlite\" does; valid: each setting once");
}

TEST_F(Matrix, RefusesAProductThatNobodyMeant) {
  std::string seeds = "0";
  for (int seed = 1; seed < 200; ++seed) seeds += ", " + std::to_string(seed);
  const std::string object = "{\"seed\": [" + seeds + "], \"wal_autocheckpoint\": [" + seeds + "]}";
  EXPECT_EQ(error_of("\"matrix\": " + object),
            "s.json: /matrix: expands to too many cells; valid: at most 10000");
  EXPECT_EQ(error_of("\"matrix\": [{}, " + object + "]"),
            "s.json: /matrix/1: expands to too many cells; valid: at most 10000");
}

class Control : public ScenarioFiles {
 protected:
  // "<id> <differs> of <control_of> by <controls>" of each cell.
  std::vector<std::string> cells(const std::string& members) const {
    std::vector<std::string> all;
    for (const Cell& cell : load(members).cells) {
      std::string text = cell.id + " " + cell.differs.dump() + " of " + cell.control_of.value_or("-") + " by";
      for (const std::string& control : cell.controls) text += " " + control;
      all.push_back(text);
    }
    return all;
  }
};

TEST_F(Control, GeneratesTheCellThatDiffersInOneValue) {
  EXPECT_THAT(
      cells(R"("settings": {"header_check": "raw", "boards": 2}, "control": {"header_check": "off"})"),
      ElementsAre(R"(c01 {"header_check":"raw"} of - by c02)", R"(c02 {"header_check":"off"} of c01 by)"));
  EXPECT_EQ(load(R"("settings": {"header_check": "raw", "boards": 2}, "control": {"header_check": "off"})")
                .cells[1]
                .settings["boards"],
            2);
}

TEST_F(Control, GeneratesOneForEachKeyBehindTheMatrix) {
  EXPECT_THAT(
      cells(R"("settings": {"header_check": "raw", "held_connection": "on"}, "matrix": {"boards": [1, 2]},
                       "control": {"header_check": "off", "held_connection": "off"})"),
      ElementsAre(R"(c01 {"boards":1,"header_check":"raw","held_connection":"on"} of - by c03 c04)",
                  R"(c02 {"boards":2,"header_check":"raw","held_connection":"on"} of - by c05 c06)",
                  R"(c03 {"boards":1,"header_check":"off","held_connection":"on"} of c01 by)",
                  R"(c04 {"boards":1,"header_check":"raw","held_connection":"off"} of c01 by)",
                  R"(c05 {"boards":2,"header_check":"off","held_connection":"on"} of c02 by)",
                  R"(c06 {"boards":2,"header_check":"raw","held_connection":"off"} of c02 by)"));
}

TEST_F(Control, UsesACellThatIsThereAlready) {
  EXPECT_THAT(
      cells(R"("matrix": {"header_check": ["off", "raw", "stat"]}, "control": {"header_check": "off"})"),
      ElementsAre(R"(c01 {"header_check":"off"} of c02 by)", R"(c02 {"header_check":"raw"} of - by c01)",
                  R"(c03 {"header_check":"stat"} of - by c01)"));
}

TEST_F(Control, SharesAGeneratedCell) {
  EXPECT_THAT(
      cells(R"("matrix": {"header_check": ["raw", "stat"]}, "control": {"header_check": "off"})"),
      ElementsAre(R"(c01 {"header_check":"raw"} of - by c03)", R"(c02 {"header_check":"stat"} of - by c03)",
                  R"(c03 {"header_check":"off"} of c01 by)"));
}

TEST_F(Control, TakesTheShorthandAsOneKey) {
  EXPECT_THAT(cells(R"("settings": {"sqlite": "3.54.1"}, "control": {"sqlite": "3.40.1"})").size(), 2u);
}

TEST_F(Control, IsCheckedAsSettingsAre) {
  EXPECT_EQ(error_of(R"("control": {"header_check": ["off"]})"),
            "s.json: /control/header_check: [\"off\"] is no value of header_check; valid: off, raw, stat");
  EXPECT_EQ(error_of(R"("control": "off")"),
            "s.json: /control: \"off\" is of the wrong type; valid: an object");
}

}  // namespace
}  // namespace walsoak::scenario
