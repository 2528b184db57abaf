// Unordered deaths: their text, and their effect on a verdict.
#include "harness/evidence/facts/deaths.h"

#include <gmock/gmock.h>

#include "harness/judgement/verdict/summarise.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Json;

Json died(const std::string& process, const Json& more = Json::object()) {
  Json event = {{"type", "event"},
                {"tick", 12},
                {"source", "observer"},
                {"event", "process-died"},
                {"process", process},
                {"role", process.starts_with("w") ? "worker" : process.substr(0, process.find('-'))},
                {"pid", 4711},
                {"exit_code", nullptr},
                {"signal", "SIGSEGV"},
                {"last_line", "free(): invalid pointer"}};
  event.update(more);
  return event;
}

constexpr const char* kWorker =
    "worker w0003 (pid 4711) died at tick 12: killed by SIGSEGV; last line of its stderr: \"free(): invalid "
    "pointer\"";

CellSummary concluded(const std::vector<Json>& deaths, const Json& expected, const char* state = "done") {
  std::vector<Json> lines;
  for (int tick = 0; tick < 4; ++tick) {
    lines.push_back(testing::pass(tick));
    lines.push_back(testing::sample(tick, {board()}));
  }
  lines.insert(lines.end(), deaths.begin(), deaths.end());
  CellIdentity identity;
  identity.cell = "c01";
  identity.state = state;
  if (identity.state == "done")
    return conclude(identity, testing::healthy_facts(testing::header(), lines),
                    Expectation::from_json(expected));
  lines.insert(lines.begin(), testing::header());
  return conclude(identity, testing::facts_of(lines), Expectation::from_json(expected));
}

std::vector<std::string> reasons(const CellSummary& cell) {
  return cell.json.at("reasons");
}

TEST(DeathTest, NamesProcessSignalAndLastLine) {
  EXPECT_EQ(facts::Death::from_json(died("w0003")).text(), kWorker);
  EXPECT_EQ(
      facts::Death::from_json(died("subject", {{"exit_code", 7}, {"signal", nullptr}, {"tick", -1}})).text(),
      "subject (pid 4711) died before the first tick: exit code 7; last line of its stderr: \"free(): "
      "invalid pointer\"");
  EXPECT_EQ(
      facts::Death::from_json(died("dashboard-2", {{"signal", nullptr}, {"last_line", nullptr}})).text(),
      "dashboard-2 (pid 4711) died at tick 12: exit code and signal not known; nothing on its stderr");
}

TEST(DeathTest, WhatIsWrittenIsReadAgain) {
  const facts::Death death = facts::Death::from_json(died("w0003"));
  EXPECT_EQ(facts::Death::from_json(death.to_json()).text(), death.text());
}

TEST(DeathsTest, ThousandsStayFew) {
  facts::Deaths deaths;
  EXPECT_TRUE(deaths.to_json().is_null());
  for (int i = 0; i < 5000; ++i) deaths.accept(died("w0003"));
  EXPECT_EQ(deaths.count(), 5000);
  EXPECT_EQ(deaths.to_json().at("first").size(), 8u);
  EXPECT_EQ(deaths.text(), std::string(kWorker) + " (and 4999 more deaths)");
}

TEST(DeathsTest, ACellWithADeathIsUnknownWhateverWasFound) {
  EXPECT_EQ(concluded({}, {{"finding", "clean"}}).json.at("verdict"), "pass");
  const CellSummary cell = concluded({died("w0003")}, {{"finding", "clean"}});
  EXPECT_EQ(cell.json.at("finding"), "clean");
  EXPECT_EQ(cell.json.at("verdict"), "unknown");
  EXPECT_THAT(reasons(cell), ElementsAre(kWorker));
  EXPECT_EQ(cell.json.at("deaths").at("count"), 1);
  EXPECT_EQ(cell.json.at("metrics").at("unordered_deaths"), 1);
}

TEST(DeathsTest, AnExpectationThatNamesTheMetricJudgesThemAlone) {
  const Json none = {{"finding", "any"}, {"metrics", {{"unordered_deaths", "== 0"}}}};
  const Json some = {{"finding", "any"}, {"metrics", {{"unordered_deaths", "<= 2"}}}};
  EXPECT_EQ(concluded({}, none).json.at("verdict"), "pass");
  const CellSummary cell = concluded({died("w0003")}, none);
  EXPECT_EQ(cell.json.at("verdict"), "fail");
  EXPECT_THAT(reasons(cell), ElementsAre("expected unordered_deaths == 0, seen 1", kWorker));
  const CellSummary allowed = concluded({died("w0003")}, some);
  EXPECT_EQ(allowed.json.at("verdict"), "pass");
  EXPECT_EQ(allowed.json.at("deaths").at("count"), 1) << "told all the same";
}

TEST(DeathsTest, SoDoesAThreshold) {
  const Json none = {{"finding", "any"},
                     {"thresholds", Json::array({Json{{"threshold", "unordered_deaths == 0"}}})}};
  const CellSummary cell = concluded({died("w0003")}, none);
  EXPECT_EQ(cell.json.at("verdict"), "fail");
  EXPECT_EQ(cell.json.at("thresholds").at(0).at("verdict"), "fail");
}

TEST(DeathsTest, ACellThatADeathEndedFailsWhereNoneWasExpectedAndIsUnknownElsewhere) {
  const CellSummary open = concluded({died("subject")}, {{"finding", "any"}}, "failed");
  EXPECT_EQ(open.json.at("verdict"), "unknown");
  EXPECT_THAT(reasons(open), ElementsAre(HasSubstr("subject (pid 4711) died at tick 12: killed by SIGSEGV"),
                                         "the cell ended with the death of subject"));
  const Json by_metric = {{"finding", "any"}, {"metrics", {{"unordered_deaths", 0}}}};
  const Json by_threshold = {{"finding", "any"},
                             {"thresholds", Json::array({Json{{"threshold", "unordered_deaths < 1"}},
                                                         Json{{"threshold", "lost_commits == 0"}}})}};
  EXPECT_EQ(concluded({died("subject")}, by_metric, "failed").json.at("verdict"), "fail");
  const CellSummary broken = concluded({died("subject")}, by_threshold, "failed");
  EXPECT_EQ(broken.json.at("verdict"), "fail");
  EXPECT_EQ(broken.json.at("thresholds").at(0).at("verdict"), "fail");
  EXPECT_EQ(broken.json.at("thresholds").at(1).at("verdict"), "unknown");
}

TEST(DeathsTest, ALaterDeathMayStillFulfilWhatIsExpected) {
  for (const char* open : {">= 2", "== 2", "!= 1", "<= 1"}) {
    const Json expected = {{"finding", "any"}, {"metrics", {{"unordered_deaths", open}}}};
    EXPECT_EQ(concluded({died("subject")}, expected, "failed").json.at("verdict"), "unknown") << open;
  }
}

}  // namespace
}  // namespace walsoak::judgement
