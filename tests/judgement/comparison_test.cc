// Runs put beside each other: which cells pair, what makes runs different, and what comes of it.
#include "harness/judgement/compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walsoak::judgement {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

struct MadeCell {
  std::string name, strategy, finding = "clean";
  Json metrics = {{"lost_commits", 0}, {"kernel_main_growth", 0}};
  Json more = Json::object();  // laid over the cell
};

Json cell_json(const MadeCell& made) {
  Json cell{{"cell", made.name},
            {"settings", {{"strategy", made.strategy}, {"mode", "lockstep"}, {"boards", 2}}},
            {"differs", {{"strategy", made.strategy}}},
            {"state", "done"},
            {"control_of", nullptr},
            {"sqlite", {{"subject", "3.40.1"}}},
            {"finding", made.finding},
            {"verdict", "pass"},
            {"aborted", nullptr},
            {"metrics", made.metrics}};
  cell.merge_patch(made.more);
  return cell;
}

ComparedRun run_of(const std::vector<MadeCell>& cells,
                   const Json& content = {{"matrix", {{"strategy", "x"}}}}) {
  ComparedRun run;
  run.summary = {{"schema_version", 1},
                 {"walsoak", "0.1.0"},
                 {"run", "made"},
                 {"state", "done"},
                 {"jobs", 1},
                 {"environment", {{"kernel", "Linux 6.1"}, {"commit", "abc"}, {"hostname", "here"}}},
                 {"cells", Json::array()}};
  for (const MadeCell& cell : cells) run.summary["cells"].push_back(cell_json(cell));
  run.run = {{"scenarios", {{{"path", "scenarios/made.json"}, {"content", content}}}}};
  return run;
}

const std::vector<MadeCell> kTwo{{"c01", "per-tick", "churn"}, {"c02", "persistent", "clean"}};

std::string refusal(const ComparedRun& a, const ComparedRun& b) {
  try {
    compare_runs({a, b}, {});
  } catch (const Incomparable& error) {
    return error.what();
  }
  return "";
}

TEST(ComparisonTest, ARunIsTheSameAsItself) {
  const Json result = compare_runs({run_of(kTwo), run_of(kTwo)}, {});
  EXPECT_EQ(result.at("result"), "same");
  EXPECT_EQ(result.at("exit_code"), 0);
  EXPECT_EQ(result.at("worse"), 0);
  EXPECT_EQ(result.at("comparisons")[0].at("pairs").size(), 2U);
}

TEST(ComparisonTest, CellsPairBySettingsWhateverTheirNamesAndOrder) {
  const auto turned = run_of({{"c01", "persistent", "leak"}, {"c02", "per-tick", "churn"}});
  const Json result = compare_runs({run_of(kTwo), turned}, {});
  const Json& pairs = result.at("comparisons")[0].at("pairs");
  EXPECT_EQ(pairs[0].at("other"), Json({"c02"}));
  EXPECT_EQ(pairs[1].at("other"), Json({"c01"}));
  EXPECT_EQ(pairs[1].at("finding").at("result"), "worse");
  EXPECT_EQ(result.at("exit_code"), 1);
}

TEST(ComparisonTest, SeveralRunsAreEachComparedWithTheFirst) {
  const auto worse = run_of({kTwo[0], {"c02", "persistent", "leak"}});
  const Json result = compare_runs({run_of(kTwo), run_of(kTwo), worse}, {});
  ASSERT_EQ(result.at("comparisons").size(), 2U);
  EXPECT_EQ(result.at("comparisons")[1].at("other"), "C");
  EXPECT_EQ(result.at("worse"), 1);
}

TEST(ComparisonTest, OtherScenariosAreRefusedWithWhatDiffers) {
  const auto other = run_of({{"c01", "unclosed", "leak"}});
  const std::string why = refusal(run_of({kTwo[1]}), other);
  EXPECT_EQ(why,
            "A and B are different scenarios: setting strategy (persistent | unclosed); --allow-different "
            "compares what "
            "pairs");
  EXPECT_THAT(refusal(run_of(kTwo), run_of({kTwo[0]})), HasSubstr("1 cell of the baseline alone (c02)"));
  EXPECT_THAT(refusal(run_of(kTwo), run_of(kTwo, {{"matrix", {{"strategy", "y"}}}})),
              HasSubstr("`matrix` of the scenario"));
  const MadeCell newer{
      "c01", "per-tick", "churn", {{"lost_commits", 0}}, {{"sqlite", {{"subject", "3.54.1"}}}}};
  EXPECT_THAT(refusal(run_of({kTwo[0]}), run_of({newer})),
              HasSubstr("SQLite of the subject (3.40.1 | 3.54.1)"));
}

TEST(ComparisonTest, WordsAndTheNumberOfRepeatsAreNoOtherScenario) {
  EXPECT_EQ(
      refusal(run_of(kTwo, {{"title", "a"}, {"repeat", 5}}), run_of(kTwo, {{"title", "b"}, {"jobs", 2}})),
      "");
}

TEST(ComparisonTest, WhereItIsAllowedCellsPairByWhatTheRunsShare) {
  ComparisonOptions options;
  options.allow_different = true;
  const MadeCell leak{"c01", "unclosed", "leak", {{"lost_commits", 0}, {"kernel_main_growth", 12}}};
  const Json result = compare_runs({run_of({kTwo[1]}), run_of({leak})}, options);
  const Json& pair = result.at("comparisons")[0].at("pairs")[0];
  EXPECT_EQ(pair.at("finding").at("result"), "worse");
  EXPECT_EQ(result.at("worse"), 2);
  EXPECT_EQ(result.at("exit_code"), 1);
  EXPECT_EQ(result.at("comparisons")[0].at("experiment_differs").size(), 1U);
}

TEST(ComparisonTest, OfTheCellsThatAreLeftThoseThatAreOneValueOnEitherSidePair) {
  ComparisonOptions options;
  options.allow_different = true;
  const MadeCell control{"c02", "noop", "clean"};
  const auto other = run_of({{"c01", "unclosed", "leak"}, control});
  const Json result = compare_runs({run_of({{"c01", "persistent", "clean"}, control}), other}, options);
  const Json& comparison = result.at("comparisons")[0];
  ASSERT_EQ(comparison.at("pairs").size(), 2U);
  EXPECT_TRUE(comparison.at("only_baseline").empty());
  EXPECT_EQ(comparison.at("experiment_differs"), Json({"setting strategy (persistent | unclosed)"}));
  EXPECT_EQ(result.at("exit_code"), 1);
}

TEST(ComparisonTest, CellsWithoutAPartnerAreNamed) {
  ComparisonOptions options;
  options.allow_different = true;
  const auto other = run_of({kTwo[0], {"c02", "unclosed", "leak"}, {"c03", "noop", "clean"}});
  const Json result = compare_runs({run_of(kTwo), other}, options);
  EXPECT_EQ(result.at("comparisons")[0].at("only_baseline"), Json({"c02"}));
  EXPECT_EQ(result.at("comparisons")[0].at("only_other"), Json({"c02", "c03"}));
  EXPECT_EQ(result.at("comparisons")[0].at("pairs").size(), 1U);
}

TEST(ComparisonTest, ASettingThatAnOlderBuildDoesNotHaveIsSaidAndNoMore) {
  ComparedRun newer = run_of(kTwo);
  for (Json& cell : newer.summary["cells"]) cell["settings"]["brand_new"] = "off";
  const Json result = compare_runs({run_of(kTwo), newer}, {});
  EXPECT_EQ(result.at("exit_code"), 0);
  EXPECT_EQ(result.at("comparisons")[0].at("settings_unknown_to_one"), Json({"brand_new"}));
}

TEST(ComparisonTest, AMetricThatOneRunLacksCannotBeTold) {
  const MadeCell without{"c01", "per-tick", "churn", {{"lost_commits", 0}}};
  const Json result = compare_runs({run_of({kTwo[0]}), run_of({without})}, {});
  EXPECT_EQ(result.at("exit_code"), 2);
  const Json& rows = result.at("comparisons")[0].at("pairs")[0].at("metrics");
  EXPECT_EQ(rows[0].at("metric"), "kernel_main_growth");
  EXPECT_EQ(rows[0].at("reason"), "not known in B");
}

TEST(ComparisonTest, ACellThatDidNotComeToItsEndTellsNoNumbers) {
  for (const Json& more :
       {Json{{"state", "interrupted"}}, Json{{"aborted", "threshold steps < 3, seen 4"}}}) {
    const MadeCell cut{"c01", "per-tick", "churn", kTwo[0].metrics, more};
    const Json result = compare_runs({run_of({kTwo[0]}), run_of({cut})}, {});
    EXPECT_EQ(result.at("exit_code"), 2);
    EXPECT_THAT(result.at("comparisons")[0].at("pairs")[0].at("not_compared").get<std::string>(),
                HasSubstr("c01 of B"));
    EXPECT_TRUE(result.at("comparisons")[0].at("pairs")[0].at("metrics").empty());
  }
}

TEST(ComparisonTest, UnknownStandsBeforeWorse) {
  const auto other = run_of({{"c01", "per-tick", "unknown"}, {"c02", "persistent", "data loss"}});
  const Json result = compare_runs({run_of(kTwo), other}, {});
  EXPECT_EQ(result.at("worse"), 1);
  EXPECT_EQ(result.at("exit_code"), 2);
}

TEST(ComparisonTest, NumbersThatAreNoneAreNotKnown) {
  const MadeCell odd{
      "c01", "per-tick", "churn", {{"lost_commits", 18446744073709551615U}, {"kernel_main_growth", 1e30}}};
  const Json result = compare_runs({run_of({kTwo[0]}), run_of({odd})}, {});
  EXPECT_EQ(result.at("cannot_tell"), 2);
}

TEST(ComparisonTest, RepeatsAreOnePoint) {
  std::vector<MadeCell> base, slower;
  for (int i = 1; i <= 5; ++i) {
    const Json more{{"point", "c01"}, {"repeat", i}};
    const std::string name = i == 1 ? "c01" : "c01r" + std::to_string(i);
    base.push_back({name, "per-tick", "churn", {{"dispatch_p50_us", 800 + i}}, more});
    slower.push_back({name, "per-tick", "churn", {{"dispatch_p50_us", 1600 + i}}, more});
  }
  const Json result = compare_runs({run_of(base), run_of(slower)}, {});
  const Json& pair = result.at("comparisons")[0].at("pairs")[0];
  EXPECT_EQ(pair.at("baseline").size(), 5U);
  EXPECT_EQ(pair.at("metrics")[0].at("result"), "worse");
  EXPECT_EQ(result.at("exit_code"), 1);
  ComparedRun side_by_side = run_of(slower);
  side_by_side.summary["jobs"] = 2;
  EXPECT_EQ(compare_runs({run_of(base), side_by_side}, {}).at("exit_code"), 2);
  ComparedRun elsewhere = run_of(slower);
  elsewhere.summary["environment"]["kernel"] = "Linux 6.12";
  const Json other = compare_runs({run_of(base), elsewhere}, {});
  EXPECT_EQ(other.at("exit_code"), 2);
  EXPECT_EQ(other.at("comparisons")[0].at("machine_differs"), Json({"kernel (Linux 6.1 | Linux 6.12)"}));
}

TEST(ComparisonTest, AlongASettingOfOneRun) {
  const Json result = compare_along(run_of(kTwo), "strategy", std::nullopt, {});
  EXPECT_EQ(result.at("by"), "strategy");
  EXPECT_EQ(result.at("comparisons")[0].at("values"), Json({"per-tick", "persistent"}));
  EXPECT_EQ(result.at("comparisons")[0].at("pairs")[0].at("finding").at("result"), "better");
  EXPECT_EQ(compare_along(run_of(kTwo), "strategy", "persistent", {}).at("exit_code"), 1);
}

TEST(ComparisonTest, AlongASettingTheRestMustBeEqual) {
  std::vector<MadeCell> cells;
  int number = 0;
  for (const char* boards : {"few", "many"}) {
    for (const char* strategy : {"per-tick", "persistent"}) {
      cells.push_back({"c0" + std::to_string(++number),
                       strategy,
                       "clean",
                       {{"lost_commits", 0}},
                       {{"differs", {{"boards", boards}}}}});
    }
  }
  const Json result = compare_along(run_of(cells), "boards", std::nullopt, {});
  const Json& pairs = result.at("comparisons")[0].at("pairs");
  ASSERT_EQ(pairs.size(), 2U);
  EXPECT_EQ(pairs[0].at("baseline"), Json({"c01"}));
  EXPECT_EQ(pairs[0].at("other"), Json({"c03"}));
}

TEST(ComparisonTest, WhatCannotBeComparedAlongIsRefused) {
  const auto why = [](const char* axis, std::optional<std::string> baseline) -> std::string {
    try {
      compare_along(run_of(kTwo), axis, baseline, {});
    } catch (const Incomparable& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(why("boards", std::nullopt), "the cells do not differ in boards; they differ in: strategy");
  EXPECT_EQ(why("strategy", "pool"), "no cell has strategy pool; valid: per-tick, persistent");
}

TEST(ComparisonTest, AWatchedProcessIsNoScenario) {
  ComparedRun watched = run_of(kTwo);
  watched.run["kind"] = "watch";
  EXPECT_THAT(refusal(run_of(kTwo), watched), HasSubstr("compare takes runs of scenarios"));
}

TEST(ComparisonTest, OnlyTheMetricsThatWereAskedFor) {
  ComparisonOptions options;
  options.metrics = {"lost_commits"};
  const Json result = compare_runs({run_of(kTwo), run_of(kTwo)}, options);
  const Json& rows = result.at("comparisons")[0].at("pairs")[0].at("metrics");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].at("metric"), "lost_commits");
}

}  // namespace
}  // namespace walsoak::judgement
