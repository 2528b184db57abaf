// Which conditions together produce an outcome, on the grid of split-generation and on uneven matrices.
#include "harness/judgement/conditions/conditions.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

CellOutcome cell(const std::string& name, const ordered_json& settings, const std::string& finding,
                 std::map<std::string, Presence> mechanisms = {}) {
  return {name, settings, finding, {finding}, std::move(mechanisms)};
}

// {header_check} x {held_connection} x {sqlite.subject} x {sqlite.worker}, as the scenario expands.
std::vector<CellOutcome> split_generation_grid() {
  std::vector<CellOutcome> cells;
  for (const char* header_check : {"off", "raw"}) {
    for (const char* held : {"off", "on"}) {
      for (const char* subject : {"3.40.1", "3.54.1"}) {
        for (const char* worker : {"3.40.1", "3.54.1"}) {
          const ordered_json settings = {{"header_check", header_check},
                                         {"held_connection", held},
                                         {"boards", 1},
                                         {"sqlite.subject", subject},
                                         {"sqlite.worker", worker}};
          const bool lock_lost = settings["header_check"] == "raw" && settings["held_connection"] == "on";
          const bool lost = lock_lost && settings["sqlite.worker"] == "3.40.1";
          cells.push_back(cell(
              fmt::format("c{:02}", cells.size() + 1), settings, lost ? "data loss" : "churn",
              {{"lock lost", lock_lost ? Presence::yes : Presence::no}, {"sidecar churn", Presence::yes}}));
        }
      }
    }
  }
  return cells;
}

TEST(ConditionsTest, RepeatsAreTheSamePoint) {
  std::vector<CellOutcome> repeated;
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (const CellOutcome& one : split_generation_grid()) repeated.push_back(one);
  }
  EXPECT_EQ(conditions_of(points_of(repeated)), conditions_of(split_generation_grid()));
}

TEST(ConditionsTest, AFindingThatRepeatsDisagreeOnIsNotTold) {
  const ordered_json a{{"strategy", "a"}}, b{{"strategy", "b"}};
  const auto points = points_of({cell("c01", a, "leak", {{"unclosed connection", Presence::yes}}),
                                 cell("c01", a, "leak", {{"unclosed connection", Presence::yes}}),
                                 cell("c02", b, "leak", {{"unclosed connection", Presence::yes}}),
                                 cell("c02", b, "clean", {{"unclosed connection", Presence::no}})});
  ASSERT_EQ(points.size(), 2U);
  const ordered_json conditions = conditions_of(points);
  ASSERT_EQ(conditions.size(), 2U);
  for (const ordered_json& condition : conditions) {
    EXPECT_EQ(condition["cells"].dump(), R"(["c01"])") << condition["outcome"];
    EXPECT_EQ(condition["unknown"].dump(), R"(["c02"])") << condition["outcome"];
  }
}

TEST(ConditionsTest, SplitGenerationIsNamedExactlyWithItsControls) {
  const ordered_json conditions = conditions_of(split_generation_grid());
  ASSERT_EQ(conditions.size(), 2U);  // data loss and lock lost; churn and sidecar churn are not asked for
  const ordered_json& loss = conditions[0];
  EXPECT_EQ(loss["outcome"], "data loss");
  EXPECT_EQ(loss["kind"], "finding");
  EXPECT_EQ(loss["cells"].dump(), R"(["c13","c15"])");
  EXPECT_EQ(loss["of"], 16);
  EXPECT_EQ(loss["exact"], true);
  EXPECT_EQ(loss["where"].dump(),
            R"([{"header_check":["raw"],"held_connection":["on"],"sqlite.worker":["3.40.1"]}])");
  EXPECT_EQ(loss["no_difference"].dump(), R"(["sqlite.subject"])");
  EXPECT_EQ(
      loss["controls"].dump(),
      R"([{"with":"c13","without":"c05","differs":"header_check","with_value":"raw","without_value":"off"},)"
      R"({"with":"c13","without":"c09","differs":"held_connection","with_value":"on","without_value":"off"},)"
      R"({"with":"c13","without":"c14","differs":"sqlite.worker","with_value":"3.40.1","without_value":"3.54.1"}])");
  EXPECT_TRUE(loss["uncontrolled"].empty());
  EXPECT_TRUE(loss["alternatives"].empty());
  const ordered_json& mechanism = conditions[1];
  EXPECT_EQ(mechanism["outcome"], "lock lost");
  EXPECT_EQ(mechanism["kind"], "mechanism");
  EXPECT_EQ(mechanism["where"].dump(), R"([{"header_check":["raw"],"held_connection":["on"]}])");
  EXPECT_EQ(mechanism["no_difference"].dump(), R"(["sqlite.subject","sqlite.worker"])");
}

TEST(ConditionsTest, ASettingOfSomePartsOfAMatrixOnly) {
  // fingerprint differs for persistent alone; the others have its default.
  const auto settings = [](const char* strategy, const char* fingerprint) {
    return ordered_json{{"strategy", strategy}, {"fingerprint", fingerprint}};
  };
  const ordered_json conditions =
      conditions_of({cell("c01", settings("per-tick", "inode"), "churn"),
                     cell("c02", settings("unclosed", "inode"), "leak"),
                     cell("c03", settings("persistent", "inode"), "clean"),
                     cell("c04", settings("persistent", "mtime-size"), "bounded growth")});
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(conditions[0]["where"].dump(), R"([{"strategy":["unclosed"]}])");
  EXPECT_EQ(conditions[0]["controls"][0]["without"], "c01");
  EXPECT_EQ(conditions[1]["where"].dump(), R"([{"fingerprint":["mtime-size"]}])");
  EXPECT_EQ(conditions[1]["controls"][0]["without"], "c03");
}

TEST(ConditionsTest, AConditionWithoutAPairIsSaidToHaveNoControl) {
  const ordered_json conditions =
      conditions_of({cell("c01", {{"a", 0}, {"b", 0}}, "clean"), cell("c02", {{"a", 1}, {"b", 1}}, "leak")});
  EXPECT_TRUE(conditions[0]["controls"].empty());
  EXPECT_EQ(conditions[0]["uncontrolled"].dump(), R"(["a"])");
  EXPECT_EQ(conditions[0]["alternatives"].dump(), R"([{"b":[1]}])");
  EXPECT_TRUE(conditions[0]["no_difference"].empty()) << "no pair of cells differs in one axis alone";
  EXPECT_EQ(conditions[0]["not_varied"].dump(), R"(["b"])");
}

TEST(ConditionsTest, AnAxisThatWasVariedWithoutTheOutcomeAloneIsNotSaidToMakeNoDifference) {
  // b was varied only where a is 0 and nothing is lost: it may well matter where a is 1.
  const ordered_json conditions =
      conditions_of({cell("c01", {{"a", 0}, {"b", 0}}, "clean"), cell("c02", {{"a", 0}, {"b", 1}}, "clean"),
                     cell("c03", {{"a", 1}, {"b", 0}}, "data loss")});
  EXPECT_EQ(conditions[0]["where"].dump(), R"([{"a":[1]}])");
  EXPECT_TRUE(conditions[0]["no_difference"].empty());
  EXPECT_EQ(conditions[0]["not_varied"].dump(), R"(["b"])");
}

TEST(ConditionsTest, AFindingThatHoldsBesideAnotherCounts) {
  CellOutcome both = cell("c01", {{"a", 0}}, "data loss");
  both.findings.insert("wedged");
  const ordered_json conditions =
      conditions_of({both, cell("c02", {{"a", 1}}, "wedged"), cell("c03", {{"a", 2}}, "clean")});
  ASSERT_EQ(conditions.size(), 2U);
  EXPECT_EQ(conditions[1]["outcome"], "wedged");
  EXPECT_EQ(conditions[1]["cells"].dump(), R"(["c01","c02"])");
}

TEST(ConditionsTest, CellsThatCannotBeToldAreLeftOutAndNamed) {
  const ordered_json conditions = conditions_of({cell("c01", {{"a", 0}}, "leak"),
                                                 cell("c02", {{"a", 1}}, "clean"),
                                                 {"c03", {{"a", 2}}, "unknown", {}, {}}});
  EXPECT_EQ(conditions[0]["of"], 2);
  EXPECT_EQ(conditions[0]["unknown"].dump(), R"(["c03"])");
}

TEST(ConditionsTest, TwoCausesAreAUnion) {
  const ordered_json conditions =
      conditions_of({cell("c01", {{"a", 0}, {"b", 0}}, "clean"), cell("c02", {{"a", 0}, {"b", 1}}, "leak"),
                     cell("c03", {{"a", 1}, {"b", 0}}, "leak"), cell("c04", {{"a", 1}, {"b", 1}}, "leak")});
  EXPECT_EQ(conditions[0]["where"].size(), 2U);
  EXPECT_EQ(conditions[0]["exact"], true);
  EXPECT_EQ(conditions[0]["controls"].size(), 2U);
}

TEST(ConditionsTest, NothingWrongIsNoCondition) {
  EXPECT_TRUE(conditions_of({cell("c01", {{"a", 0}}, "clean"), cell("c02", {{"a", 1}}, "churn")}).empty());
  EXPECT_TRUE(conditions_of({}).empty());
}

}  // namespace
}  // namespace walsoak::judgement
