// A free-running cell's lines become the same facts and findings as those of a lockstep cell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>

#include "harness/judgement/finding/finding.h"
#include "harness/judgement/finding/metrics.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::facts_of;
using testing::free_header;
using testing::free_sample;
using testing::free_tick;
using ::testing::HasSubstr;
using testing::healthy_facts;
using testing::Json;

// So many ticks on one board, of which `at(tick)` is what a quiet sample shows.
facts::CellFacts running(std::int64_t ticks, const std::function<Json(std::int64_t)>& at,
                         const Json& settings = Json::object()) {
  Json values = {{"warmup_ticks", 1}};
  values.update(settings);
  std::vector<Json> lines;
  for (std::int64_t tick = 0; tick < ticks; ++tick) {
    lines.push_back(free_tick(tick));
    lines.push_back(free_sample(tick, {at(tick)}));
  }
  return healthy_facts(free_header(1, values), lines);
}

TEST(FreeRunningTest, ColumnsAreKeysInTheirOrder) {
  Json head = free_header(2);
  head["columns"] = {"kernel_wal", "not_yet_known", "api_open"};
  Json line = free_sample(0, {board(), board()});
  line["boards"] = {{"b01", {4, 99, nullptr}}, {"b02", {2, 99, 1}}};
  const facts::CellFacts facts = facts_of({head, line});
  const auto& last = facts.series().last();
  EXPECT_EQ(last.total[facts::Key::kernel_wal], 6);
  EXPECT_EQ(last.boards.at("b02")[facts::Key::api_open], 1);
  EXPECT_EQ(last.total[facts::Key::api_open], std::nullopt);
  EXPECT_EQ(last.total[facts::Key::kernel_main], std::nullopt);
}

TEST(FreeRunningTest, ABoardOfAnotherLengthThanTheColumnsIsRefused) {
  Json line = free_sample(0, {board()});
  line["boards"]["b01"].push_back(0);
  EXPECT_THROW(facts_of({free_header(), line}), std::invalid_argument);
}

TEST(FreeRunningTest, ABoardThatATickDoesNotNamePassed) {
  const facts::CellFacts facts =
      facts_of({free_header(2), free_tick(0, {"b01", "b02"}), free_tick(1, {"b02"}), free_tick(2, {"b02"})});
  EXPECT_EQ(facts.steps().boards().at("b01").failed_in_a_row, 0);
  EXPECT_EQ(facts.steps().boards().at("b02").failed_in_a_row, 3);
  EXPECT_EQ(facts.steps().boards().at("b01").passes, 3);
  EXPECT_EQ(facts.steps().passes_failed(), 3);
  EXPECT_EQ(wedged(facts.steps()).evidence, "b02: the last 3 of 3 passes failed");
}

TEST(FreeRunningTest, WhereNobodyLookedNothingFailed) {
  Json nothing = free_tick(0, {"b01"});
  nothing["steps"]["dispatch"]["looked"] = false;
  EXPECT_EQ(facts_of({free_header(), nothing}).steps().boards().at("b01").failed_in_a_row, 0);
}

TEST(FreeRunningTest, ErrorsOfATickCountItsBoards) {
  const facts::CellFacts facts =
      facts_of({free_header(2), free_tick(0, {"b01", "b02"}), free_tick(1, {"b02"})});
  const Json rows = facts.steps().errors().to_json();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["count"], 3);
  EXPECT_EQ(rows[0]["step"], "dispatch");
  EXPECT_EQ(rows[0]["actor"], "subject");
}

TEST(FreeRunningTest, ErrorsOfOtherJobsNameTheirActor) {
  Json line = free_sample(0, {board()});
  line["activity"] = Json::object();
  for (const char* job : {"notifier", "slash", "visit", "dashboard", "dispatcher-2"}) {
    line["activity"][job] = {
        {"ran", 9},
        {"missed", 0},
        {"failed", 2},
        {"errors",
         {{{"error", {{"code", 5}, {"message", "database is locked"}, {"where", nullptr}, {"app", nullptr}}},
           {"boards", {"b01"}},
           {"count", 7}}}}};
  }
  const Json rows = facts_of({free_header(), line}).steps().errors().to_json();
  std::map<std::string, std::string> actors;
  for (const Json& row : rows) {
    EXPECT_EQ(row["count"], 7);
    actors[row["step"]] = row["actor"];
  }
  EXPECT_EQ(actors, (std::map<std::string, std::string>{{"notifier", "subject"},
                                                        {"slash", "subject"},
                                                        {"visit", "worker"},
                                                        {"dashboard", "dashboard"},
                                                        {"dispatcher-2", "dispatcher-2"}}));
}

TEST(FreeRunningTest, SidecarsHaveNoAuthorButTheVfsLedgerKnowsThoseInScope) {
  const auto with_sidecars = [](const Json& values) {
    Json line = free_sample(0, {board(0, values)});
    line["sidecars"] = {
        {"b01", {{"wal_created", 3}, {"wal_unlinked", 3}, {"shm_created", 3}, {"shm_unlinked", 3}}}};
    return metrics_of(facts_of({free_header(), line}));
  };
  const Metrics known = with_sidecars({{"vfs_wal_unlinks_in_scope", 2}});
  EXPECT_EQ(known.at("wal_unlinked"), 3);
  EXPECT_EQ(known.at("last_closes_in_scope"), 2);
  EXPECT_EQ(known.at("last_closes_apart"), 1);
  const Metrics unknown = with_sidecars({{"vfs_wal_unlinks_in_scope", nullptr}});
  EXPECT_EQ(unknown.at("wal_unlinked"), 3);
  EXPECT_EQ(unknown.at("last_closes_in_scope"), std::nullopt);
}

TEST(FreeRunningTest, FindingsAreThoseOfLockstep) {
  EXPECT_EQ(find(running(6, [](std::int64_t) { return board(2); })).name, "clean");
  EXPECT_EQ(find(running(6, [](std::int64_t tick) { return board(tick); })).name, "leak");
  EXPECT_EQ(find(running(9, [](std::int64_t tick) { return board(std::min<std::int64_t>(tick, 3)); })).name,
            "bounded growth");
  EXPECT_EQ(find(running(6,
                         [](std::int64_t tick) {
                           return board(0, {{"vfs_wal_unlinks_in_scope", 4 * tick}});
                         }))
                .name,
            "churn");
}

TEST(FreeRunningTest, LoudSamplesDoNotCount) {
  std::vector<Json> lines;
  for (std::int64_t tick = 0; tick < 30; ++tick) {
    lines.push_back(free_tick(tick));
    Json line = free_sample(tick, {board(tick < 2 ? 1 : tick)});
    line["quiet"] = tick < 2;
    lines.push_back(line);
  }
  const Finding finding = find(healthy_facts(free_header(), lines));
  EXPECT_EQ(finding.name, "unknown");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("growth needs 3 quiet samples after warm-up, there are 2"));
}

TEST(FreeRunningTest, OverHoursTroughsAreComparedAndTheMetricsSayTheSame) {
  // Every other sample finds three connections at work; what is held grows by one in 200 ticks.
  const auto at = [](bool leaking) {
    return [leaking](std::int64_t tick) { return board(1 + (tick % 2) * 3 + (leaking ? tick / 200 : 0)); };
  };
  const facts::CellFacts steady = running(2001, at(false));
  EXPECT_EQ(find(steady).name, "clean");
  EXPECT_EQ(metrics_of(steady).at("kernel_wal_growth"), 0);

  const facts::CellFacts leaking = running(2002, at(true));
  const Finding finding = find(leaking);
  EXPECT_EQ(finding.name, "leak");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("least 3 in ticks 0 to 3, "));
  EXPECT_THAT(finding.evidence.front(), HasSubstr("(main 1, wal 1, shm 1 -> main 11, wal 11, shm 1)"));
  const Metrics metrics = metrics_of(leaking);
  EXPECT_EQ(metrics.at("kernel_wal_first"), 1);
  EXPECT_EQ(metrics.at("kernel_wal_last"), 11);
  EXPECT_EQ(metrics.at("kernel_wal_growth"), 10);
  EXPECT_EQ(metrics.at("api_open_growth"), 10);
  EXPECT_EQ(metrics.at("kernel_wal_peak"), 14);
}

TEST(FreeRunningTest, ALockstepCellIsToldFromSampleToSampleHoweverLongItIs) {
  std::vector<Json> lines;
  for (std::int64_t tick = 0; tick < 1500; ++tick) {
    lines.push_back(testing::pass(tick));
    lines.push_back(testing::sample(tick, {board(1 + tick)}));
  }
  const facts::CellFacts facts = healthy_facts(testing::header(1), lines);
  EXPECT_EQ(metrics_of(facts).at("kernel_wal_growth"), 1499);
  EXPECT_EQ(find(facts).name, "leak");
}

}  // namespace
}  // namespace walsoak::judgement
