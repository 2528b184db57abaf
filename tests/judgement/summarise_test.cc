// From facts to summary.json.
#include "harness/judgement/verdict/summarise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::facts_of;
using testing::header;
using testing::Json;
using testing::pass;
using testing::sample;
using testing::series_facts;

CellIdentity identity(const char* name, const char* strategy, const Json& control_of = nullptr) {
  return {name, {{"strategy", strategy}, {"boards", 1}}, {{"strategy", strategy}}, control_of, "done"};
}

CellSummary leaking(const char* name, const Json& expected, const Json& control_of = nullptr) {
  return conclude(identity(name, "unclosed", control_of),
                  series_facts(6, [](std::int64_t tick) { return board(tick); }),
                  Expectation::from_json(expected));
}

CellSummary clean(const char* name, const Json& control_of = nullptr) {
  return conclude(identity(name, "persistent", control_of),
                  series_facts(6, [](std::int64_t) { return board(1); }), Expectation::clean_or_churn());
}

const RunIdentity kRun{
    "0.1.0",     "quick-20261123T180000Z", "Quick", "Which?", "done", {"walsoak", "run"}, {{"kernel", "6.1"}},
    {"strategy"}};

TEST(SummariseTest, ACellHasAllThatAReportNeeds) {
  const Json cell = leaking("c02", {{"finding", "leak"}, {"metrics", {{"api_open_growth", 5}}}}).json;
  EXPECT_EQ(cell["finding"], "leak");
  EXPECT_EQ(cell["verdict"], "pass");
  EXPECT_EQ(cell["mechanisms"][0]["name"], "unclosed connection");
  EXPECT_EQ(cell["metrics"]["api_open_growth"], 5);
  EXPECT_EQ(cell["expected"].dump(), R"({"finding":"leak","metrics":{"api_open_growth":"== 5"}})");
  EXPECT_EQ(cell["ledgers"]["agree"], true);
  EXPECT_EQ(cell["integrity"], "ok");
  EXPECT_EQ(cell["sqlite"]["subject"], "3.40.1");
}

TEST(SummariseTest, ARunHasItsVerdictExitCodeAndConditions) {
  const Json summary = summarise(kRun, {clean("c01"), leaking("c02", {{"finding", "clean"}})});
  EXPECT_EQ(summary["verdict"], "fail");
  EXPECT_EQ(summary["exit_code"], 1);
  EXPECT_EQ(summary["cells"].size(), 2U);
  EXPECT_EQ(summary["conditions"][0]["where"].dump(), R"([{"strategy":["unclosed"]}])");
  EXPECT_EQ(summary["environment"]["kernel"], "6.1");
}

TEST(SummariseTest, AControlThatDidNotPassIsToldInEveryCell) {
  const Json summary = summarise(kRun, {clean("c01"), leaking("c02", {{"finding", "clean"}}, "c01")});
  EXPECT_EQ(summary["verdict"], "unknown");
  EXPECT_EQ(summary["exit_code"], 2);
  EXPECT_EQ(summary["cells"][0]["verdict"], "unknown");
  EXPECT_EQ(summary["cells"][0]["reasons"][0], "the control c02 did not pass (fail)");
}

TEST(SummariseTest, AControlThatDidNotPassLeavesNoThresholdKept) {
  const Json gated = {{"finding", "leak"}, {"thresholds", {{{"threshold", "api_open_growth < 0"}}}}};
  const auto thresholds = [](const Json& summary, int cell) {
    const Json& row = summary["cells"][static_cast<std::size_t>(cell)]["thresholds"][0];
    return row["verdict"].get<std::string>() + ": " + row["reason"].get<std::string>();
  };
  const Json sound = summarise(kRun, {leaking("c01", gated), clean("c02", "c01")});
  EXPECT_EQ(thresholds(sound, 0).substr(0, 5), "fail:");
  const Json unsound = summarise(kRun, {leaking("c01", gated), leaking("c02", {{"finding", "clean"}}, "c01"),
                                        leaking("c03", gated, "c01")});
  EXPECT_EQ(thresholds(unsound, 0), "unknown: the control c02 did not pass (fail)");
  EXPECT_EQ(thresholds(unsound, 2).substr(0, 5), "fail:") << "of a control that failed itself";
}

TEST(SummariseTest, ACellThatHasNotRunIsUnknown) {
  const CellSummary pending = not_run({"c03", {}, {}, nullptr, "pending"}, Expectation::clean_or_churn());
  EXPECT_EQ(pending.json["finding"], "unknown");
  EXPECT_EQ(pending.json["state"], "pending");
  EXPECT_EQ(pending.json["verdict"], "unknown");
  EXPECT_EQ(pending.json["reasons"][0], "the cell has not been run");
  EXPECT_EQ(summarise(kRun, {clean("c01"), pending})["exit_code"], 2);
}

TEST(SummariseTest, ACellThatIsNotDoneIsUnknownWhateverItsStreamSays) {
  CellIdentity failed = identity("c01", "persistent");
  failed.state = "failed";
  const Json cell =
      conclude(failed, series_facts(6, [](std::int64_t) { return board(1); }), Expectation()).json;
  EXPECT_EQ(cell["verdict"], "unknown");
  EXPECT_EQ(cell["evidence"][0], "the cell is failed");
}

TEST(SummariseTest, LedgersThatPartAndLedgersThatAreMissing) {
  const auto ledgers = [](const Json& values) {
    return conclude(identity("c01", "x"), series_facts(4, [&](std::int64_t) { return board(1, values); }), {})
        .json["ledgers"];
  };
  EXPECT_EQ(ledgers({{"api_open", 0}})["agree"], false);
  EXPECT_EQ(ledgers({{"vfs_wal", nullptr}})["agree"], nullptr);
  EXPECT_EQ(ledgers({{"vfs_wal", nullptr}})["remarks"].size(), 1U);
}

}  // namespace
}  // namespace walsoak::judgement
