// The scenarios and presets in scenarios/ load, and expand to the cells that they are meant to have.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "harness/model/scenario/list.h"
#include "harness/model/scenario/presets.h"
#include "harness/model/scenario/strict_json.h"
#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

const std::filesystem::path kFolder = WALSOAK_SCENARIOS;

class Shipped : public ScenarioFiles {
 protected:
  Scenario shipped(const std::string& name) const {
    return load_scenario(kFolder / name, vocabulary_, {}, kFolder);
  }
};

TEST_F(Shipped, EveryScenarioLoads) {
  const auto listings = list_scenarios(kFolder);
  EXPECT_GE(listings.size(), 3u);
  std::set<std::string> names;
  for (const ScenarioListing& listing : listings) {
    EXPECT_NO_THROW(load_scenario(listing.path, vocabulary_, {}, kFolder));
    EXPECT_TRUE(names.insert(listing.name).second) << listing.name << " is the name of two scenarios";
    EXPECT_NE(listing.title, listing.name) << listing.name << " has no title";
  }
}

TEST_F(Shipped, EveryPresetLoads) {
  const auto document = read_strict(kFolder / kPresetFile);
  EXPECT_GE(document.at("presets").size(), 8u);
  for (const auto& [name, preset] : document.at("presets").items()) {
    const auto path = write("p.json", "{\"schema_version\": 1, \"preset\": \"" + name + "\"}");
    EXPECT_NO_THROW(load_scenario(path, vocabulary_, {}, kFolder)) << name;
    EXPECT_TRUE(preset.contains("title")) << name;
  }
}

TEST_F(Shipped, QuickComparesTheStrategies) {
  const Scenario quick = shipped("quick.json");
  EXPECT_THAT(quick.axes, testing::ElementsAre("strategy"));
  ASSERT_EQ(quick.cells.size(), 6u);
  EXPECT_EQ(quick.cells[5].settings["strategy"], "planted-leak");
  EXPECT_THAT(quick.cells[5].expected->findings, testing::ElementsAre("leak"));
  for (const Cell& cell : quick.cells) {
    nlohmann::ordered_json expected = default_settings();
    expected.update({{"boards", 4}, {"workers", 3}, {"ticks", 60}, {"strategy", cell.settings["strategy"]}});
    EXPECT_EQ(cell.settings, expected) << "quick runs at the defaults";
  }
}

TEST_F(Shipped, QuickMay2026RunsUnderTheConditionsOfMay2026) {
  const Scenario may = shipped("quick-may2026.json");
  EXPECT_THAT(may.axes, testing::ElementsAre("strategy", "subject", "collector", "scope", "fingerprint",
                                             "outside_writers"));
  EXPECT_EQ(may.cells.size(), 64u);
  int persistent = 0, alone = 0;
  for (const Cell& cell : may.cells) {
    EXPECT_EQ(cell.settings["header_check"], "raw");
    EXPECT_EQ(cell.settings["auto_decompose"], "unclosed");
    EXPECT_EQ(cell.settings["collector_every"], 8);
    for (const char* role : {"sqlite.subject", "sqlite.worker", "sqlite.checker"}) {
      EXPECT_EQ(cell.settings[role], "3.40.1");
    }
    persistent += cell.settings["strategy"] == "persistent" ? 1 : 0;
    alone += cell.settings["collector"] == "never" && cell.settings["outside_writers"] == 0 ? 1 : 0;
  }
  EXPECT_EQ(alone, 16) << "as before: each variable of the condition has its control";
  EXPECT_EQ(persistent, 24);
}

TEST_F(Shipped, SplitGenerationCrossesFourSettings) {
  const Scenario split = shipped("split-generation.json");
  EXPECT_THAT(split.axes,
              testing::ElementsAre("header_check", "held_connection", "sqlite.subject", "sqlite.worker"));
  EXPECT_EQ(split.cells.size(), 16u);
  EXPECT_EQ(split.cells[0].settings["sqlite.checker"], "3.40.1");
}

TEST_F(Shipped, SqliteVersionsVariesOneRoleAtATime) {
  const Scenario versions = shipped("sqlite-versions.json");
  std::map<std::string, std::set<std::string>> tried;  // with the other role at 3.40.1
  for (const Cell& cell : versions.cells) {
    const std::string subject = cell.settings["sqlite.subject"], worker = cell.settings["sqlite.worker"];
    if (subject == "3.40.1") tried["worker"].insert(worker);
    if (worker == "3.40.1") tried["subject"].insert(subject);
    EXPECT_EQ(cell.controls.size(), cell.settings["header_check"] == "raw" ? 1u : 0u) << cell.id;
  }
  EXPECT_GE(tried["worker"].size(), 8u);
  EXPECT_EQ(tried["subject"], tried["worker"]);
}

TEST_F(Shipped, EveryFieldReportHasACellOfItsOwnAndOneOfItsCure) {
  std::set<std::string> threads;
  for (const ScenarioListing& listing : list_scenarios(kFolder / "field")) {
    const Scenario report = load_scenario(listing.path, vocabulary_, {}, kFolder);
    EXPECT_TRUE(report.has_expectations) << listing.name;
    ASSERT_TRUE(report.verbatim.contains("field")) << listing.name;
    const nlohmann::ordered_json& field = report.verbatim.at("field");
    EXPECT_EQ(field.at("thread"), "#" + report.name);
    threads.insert(report.name);
    for (const char* which : {"leaky", "fixed"}) {
      if (!field.contains(which)) continue;
      const auto cells = std::count_if(report.cells.begin(), report.cells.end(), [&](const Cell& cell) {
        const auto& values = field.at(which).items();
        return std::all_of(values.begin(), values.end(),
                           [&](const auto& value) { return cell.settings.at(value.key()) == value.value(); });
      });
      EXPECT_EQ(cells, 1) << listing.name << ": " << which;
    }
  }
  EXPECT_EQ(threads.size(), 12u);
}

TEST_F(Shipped, EveryQuestionHasAControlAndExpectsSomething) {
  int questions = 0;
  for (const ScenarioListing& listing : list_scenarios(kFolder / "questions")) {
    const Scenario question = load_scenario(listing.path, vocabulary_, {}, kFolder);
    ++questions;
    EXPECT_FALSE(question.question.empty()) << listing.name;
    EXPECT_TRUE(question.has_expectations) << listing.name;
    const auto controlled = std::count_if(question.cells.begin(), question.cells.end(),
                                          [](const Cell& cell) { return !cell.controls.empty(); });
    EXPECT_GE(controlled * 2, std::ssize(question.cells)) << listing.name << " has cells without a control";
  }
  EXPECT_GE(questions, 5);
}

}  // namespace
}  // namespace walsoak::scenario
