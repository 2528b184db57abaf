// Steps counted: passes, exact latencies, sidecars by author, errors by row.
#include "harness/evidence/facts/steps.h"

#include <gtest/gtest.h>

#include "tests/facts/builders.h"

namespace walsoak::facts {
namespace {

using testing::Json;
using testing::pass;

StepFacts steps_of(const std::vector<Json>& lines, bool scope_process = false,
                   bool drops_connections = false) {
  StepFacts steps;
  steps.set_scope(scope_process, drops_connections);
  for (const Json& line : lines) steps.accept(line);
  return steps;
}

Json unlinking(const char* step, const char* actor, int wal) {
  return {
      {"type", "step"},
      {"step", step},
      {"actor", actor},
      {"ok", true},
      {"boards", Json::array()},
      {"sidecars",
       {{"b01", {{"wal_created", 1}, {"wal_unlinked", wal}, {"shm_created", 1}, {"shm_unlinked", wal}}}}}};
}

TEST(StepsTest, LatenciesAreExactByNearestRank) {
  std::vector<Json> lines;
  for (int i = 100; i >= 1; --i) lines.push_back(pass(i, false, 1, i * 10));
  const StepFacts steps = steps_of(lines);
  EXPECT_EQ(steps.dispatch_latency_us(0.50), 500);
  EXPECT_EQ(steps.dispatch_latency_us(0.99), 990);
  EXPECT_EQ(steps.dispatch_latency_us(1.0), 1000);
}

TEST(StepsTest, OnePassIsEveryPercentileAndNoneIsUnknown) {
  EXPECT_EQ(steps_of({pass(0, false, 1, 7)}).dispatch_latency_us(0.50), 7);
  EXPECT_EQ(steps_of({}).dispatch_latency_us(0.50), std::nullopt);
}

TEST(StepsTest, FailuresAreCountedApart) {
  Json visit = pass(2, true);
  visit["step"] = "visit";
  visit["actor"] = "w0001";
  const StepFacts steps = steps_of({pass(0), pass(1, true), visit});
  EXPECT_EQ(steps.steps(), 3);
  EXPECT_EQ(steps.failed(), 2);
  EXPECT_EQ(steps.passes(), 2);
  EXPECT_EQ(steps.passes_failed(), 1);
}

TEST(StepsTest, ABoardThatAnotherProcessHasLockedNeitherPassedNorFailed) {
  Json locked_out = pass(2);
  locked_out["boards"][0] = {{"board", "b01"}, {"ok", true}, {"looked", false}, {"locked_out", true}};
  const StepFacts steps = steps_of({pass(0, true), pass(1, true), locked_out});
  EXPECT_EQ(steps.passes(), 3);
  EXPECT_EQ(steps.passes_failed(), 2);
  EXPECT_EQ(steps.passes_locked_out(), 1);
  EXPECT_EQ(steps.boards().at("b01").passes, 2);
  EXPECT_EQ(steps.boards().at("b01").failed_in_a_row, 2) << "it is no pass that went well";
}

TEST(StepsTest, OfAFreeRunningPassTheBoardsLockedOutAreNamed) {
  StepFacts steps;
  steps.set_free_running({"b01", "b02"});
  const Json dispatch = {{"ok", true}, {"latency_us", 7}, {"locked_out", {"b02"}}};
  steps.accept_tick({{"type", "tick"}, {"steps", {{"dispatch", dispatch}}}});
  EXPECT_EQ(steps.passes_locked_out(), 1);
  EXPECT_EQ(steps.boards().at("b01").passes, 1);
  EXPECT_FALSE(steps.boards().contains("b02"));
}

TEST(StepsTest, AnErrorCountsForTheKindOfItsProcess) {
  std::vector<Json> lines;
  for (const char* actor : {"subject", "dashboard-1", "dashboard-2", "outside-1", "dispatcher-2", "w0001"}) {
    Json line = pass(0, true);
    line["actor"] = actor;
    line["boards"][0]["error"] = {{"code", 11}, {"message", "malformed"}};
    lines.push_back(line);
  }
  std::map<std::string, int> count_of;
  for (const auto& row : steps_of(lines).errors().to_json())
    count_of[row.at("actor").get<std::string>()] = row.at("count").get<int>();
  EXPECT_EQ(count_of,
            (std::map<std::string, int>{
                {"dashboard", 2}, {"dispatcher-2", 1}, {"outside", 1}, {"subject", 1}, {"worker", 1}}));
}

TEST(StepsTest, APassWhereNobodyLookedIsNoFailure) {
  Json nothing = pass(0, true);
  nothing["boards"][0]["looked"] = false;
  EXPECT_EQ(steps_of({nothing}).boards().at("b01").failed_in_a_row, 0);
}

TEST(StepsTest, APassThatWorksEndsTheRow) {
  const StepFacts steps = steps_of({pass(0, true), pass(1, true), pass(2), pass(3, true)});
  EXPECT_EQ(steps.boards().at("b01").failed_in_a_row, 1);
}

TEST(StepsTest, SidecarsAreSummedAndThoseInScopeStandApart) {
  const std::vector<Json> lines{unlinking("dispatch", "subject", 2), unlinking("probe", "subject", 1),
                                unlinking("notifier", "subject", 4), unlinking("visit", "w0001", 8),
                                unlinking("inside", "subject", 16)};
  const StepFacts dispatcher = steps_of(lines);
  EXPECT_EQ(dispatcher.sidecars().wal_unlinked, 31);
  EXPECT_EQ(dispatcher.sidecars().wal_created, 5);
  EXPECT_EQ(dispatcher.sidecars().shm_unlinked, 31);
  EXPECT_EQ(dispatcher.wal_unlinked_in_scope(), 3);
  EXPECT_EQ(steps_of(lines, /*scope_process=*/true).wal_unlinked_in_scope(), 7);
}

TEST(StepsTest, TheHarnessesOwnLookIsNoStepAndItsErrorNoneOfTheirs) {
  Json look = pass(1, true, 2);
  look["step"] = "inside";
  const StepFacts steps = steps_of({pass(0, false), look});
  EXPECT_EQ(steps.steps(), 1);
  EXPECT_EQ(steps.failed(), 0);
  EXPECT_TRUE(steps.errors().to_json().empty());
}

TEST(StepsTest, AnOverflowOfInotifyMakesTheCountUnknown) {
  Json overflow = unlinking("visit", "w0001", 1);
  overflow["sidecars"]["b02"] = nullptr;
  const StepFacts steps = steps_of({unlinking("dispatch", "subject", 1), overflow});
  EXPECT_EQ(steps.sidecars().wal_unlinked, std::nullopt);
  EXPECT_EQ(steps.wal_unlinked_in_scope(), 1);
}

TEST(ErrorTableTest, TheSameErrorIsOneRow) {
  const StepFacts steps = steps_of({pass(0, true, 2), pass(1, true, 2)});
  const Json rows = steps.errors().to_json();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].dump(),
            R"({"code":522,"message":"disk I/O error","where":"PRAGMA journal_mode","app":null,)"
            R"("step":"dispatch","actor":"subject","count":4})");
}

TEST(ErrorTableTest, TheMostFrequentComesFirstAndWorkersAreOne) {
  ErrorTable table;
  const Json busy = {{"code", 5}, {"message", "database is locked"}, {"where", nullptr}, {"app", nullptr}};
  const Json emfile = {{"code", 0}, {"message", "too many open files"}, {"where", "open"}, {"app", "EMFILE"}};
  table.accept(emfile, "dispatch", "subject");
  table.accept(busy, "visit", "w0001");
  table.accept(busy, "visit", "w0002");
  const Json rows = table.to_json();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["actor"], "worker");
  EXPECT_EQ(rows[0]["count"], 2);
  EXPECT_EQ(table.with_app("EMFILE"), 1);
}

TEST(ErrorTableTest, ExtendedCodesBelongToTheirPrimaryOne) {
  ErrorTable table;
  table.accept({{"code", 14 + 256 * 2}, {"message", "m"}}, "dispatch", "subject");
  EXPECT_EQ(table.with_primary_code(14), 1);
  EXPECT_EQ(table.with_primary_code(10), 0);
}

TEST(ErrorTableTest, MessagesWithoutEndDoNotFillTheMemory) {
  ErrorTable table;
  for (int i = 0; i < 1000; ++i) {
    table.accept({{"code", 1}, {"message", "no such table: t" + std::to_string(i)}}, "dispatch", "subject");
  }
  const Json rows = table.to_json();
  EXPECT_EQ(rows.size(), 41U);
  EXPECT_EQ(rows[0]["message"], "(other messages)");
  EXPECT_EQ(rows[0]["count"], 960);
}

TEST(StepsTest, ACollectionClosesForAStrategyThatLeavesItsConnectionsToIt) {
  const std::vector<Json> lines = {unlinking("collect", "subject", 1)};
  EXPECT_EQ(steps_of(lines, false, /*drops_connections=*/true).wal_unlinked_in_scope(), 1);
  EXPECT_EQ(steps_of(lines, false, /*drops_connections=*/false).wal_unlinked_in_scope(), 0);
}

}  // namespace
}  // namespace walsoak::facts
