// Slots, lateness, other jobs and walsoak's own process, and the metrics that they become.
#include "harness/evidence/facts/pace.h"

#include <gtest/gtest.h>

#include "harness/judgement/finding/metrics.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::facts_of;
using testing::free_header;
using testing::free_sample;
using testing::free_tick;
using testing::Json;
using testing::series_facts;

Json with(Json line, const char* key, const Json& value) {
  line[key] = value;
  return line;
}

Json end_of(std::int64_t ticks, std::int64_t missed) {
  return {{"type", "end"}, {"reason", "done"}, {"steps", 1},
          {"samples", 1},  {"ticks", ticks},   {"missed", missed}};
}

Metrics metrics_with(const std::vector<Json>& lines, const Json& settings = Json::object()) {
  std::vector<Json> all{free_header(1, settings)};
  all.insert(all.end(), lines.begin(), lines.end());
  return metrics_of(facts_of(all));
}

TEST(PaceTest, ATickIsAllItsStepsAndTheirWaiting) {
  Json slow = free_tick(1);
  slow["steps"]["dispatch"]["wait_us"] = 4000;
  slow["late_us"] = 900;
  slow["lag_us"] = nullptr;
  const Metrics metrics = metrics_with({free_tick(0), slow});
  EXPECT_EQ(metrics.at("tick_p50_us"), 100 + 10 + 700 + 30);
  EXPECT_EQ(metrics.at("tick_max_us"), 100 + 10 + 700 + 4000);
  EXPECT_EQ(metrics.at("late_p50_us"), 200);
  EXPECT_EQ(metrics.at("late_max_us"), 900);
  EXPECT_EQ(metrics.at("lag_p99_us"), 300);
  EXPECT_EQ(metrics.at("wait_max_us"), 4000);
  EXPECT_EQ(metrics.at("ticks_ran"), 2);
  EXPECT_EQ(metrics.at("dispatch_max_us"), 700);
  EXPECT_EQ(metrics.at("passes"), 2);
  EXPECT_EQ(metrics.at("steps"), 4);
}

TEST(PaceTest, MissedSlotsAreThoseOfTheTicksUntilTheEndTellsThemAll) {
  const std::vector<Json> lines{free_tick(0), with(free_tick(3), "missed", 2)};
  EXPECT_EQ(metrics_with(lines).at("ticks_missed"), 2);
  std::vector<Json> ended = lines;
  ended.push_back(end_of(2, 5));
  EXPECT_EQ(metrics_with(ended).at("ticks_missed"), 5);
  EXPECT_EQ(metrics_with(ended).at("ticks_ran"), 2);
}

TEST(PaceTest, RatesAreUnknownBeyondFivePercentMissed) {
  EXPECT_EQ(metrics_with({end_of(95, 5)}).at("rates_known"), 1);
  EXPECT_EQ(metrics_with({end_of(94, 6)}).at("rates_known"), 0);
  EXPECT_EQ(metrics_with({end_of(0, 0)}).at("rates_known"), 0);
}

TEST(PaceTest, JobsAreSummedOverTheSamples) {
  Json first = free_sample(0, {board()});
  first["activity"] = {
      {"notifier", {{"ran", 12}, {"missed", 1}, {"failed", 2}, {"latency_max_us", 500}, {"wait_max_us", 90}}},
      {"dispatcher-2",
       {{"ran", 1}, {"missed", 0}, {"failed", 0}, {"latency_max_us", 60}, {"wait_max_us", 7000}}}};
  Json second = free_sample(1, {board()});
  second["activity"] = {
      {"notifier", {{"ran", 3}, {"missed", 0}, {"failed", 0}, {"latency_max_us", 400}, {"wait_max_us", 20}}}};
  const Metrics metrics = metrics_with({first, second});
  EXPECT_EQ(metrics.at("notifier_ran"), 15);
  EXPECT_EQ(metrics.at("notifier_missed"), 1);
  EXPECT_EQ(metrics.at("notifier_failed"), 2);
  EXPECT_EQ(metrics.at("notifier_latency_max_us"), 500);
  EXPECT_EQ(metrics.at("dispatcher_2_ran"), 1);
  EXPECT_EQ(metrics.at("visit_ran"), 0);
  EXPECT_FALSE(metrics.contains("visit_latency_max_us"));
  // The waiting of another process is not the subject's.
  EXPECT_EQ(metrics.at("wait_max_us"), 90);
  EXPECT_EQ(metrics.at("steps"), 16);
  EXPECT_EQ(metrics.at("steps_failed"), 2);
}

TEST(PaceTest, TheSubjectsCountsAreCumulative) {
  const Metrics metrics = metrics_with(
      {with(free_sample(0, {board()}), "subject", {{"affinity_errors", 1}, {"lock_wait_us", 40}}),
       with(free_sample(1, {board()}), "subject", {{"affinity_errors", 3}, {"lock_wait_us", 70}})});
  EXPECT_EQ(metrics.at("affinity_errors"), 3);
  EXPECT_EQ(metrics.at("lock_wait_us"), 70);
}

TEST(PaceTest, WalsoakItselfIsToldFromAfterWarmUpAndItsPeakFromTheStart) {
  const auto harness = [](std::int64_t tick, std::int64_t rss, std::int64_t jitter) {
    return with(free_sample(tick, {board()}), "harness",
                {{"rss_bytes", rss}, {"descriptors", 21}, {"jitter_us", jitter}});
  };
  const Metrics metrics = metrics_with({harness(-1, 9000, 10), harness(1, 5000, 30), harness(2, 6000, 20)},
                                       {{"warmup_ticks", 2}});
  EXPECT_EQ(metrics.at("harness_rss_bytes_first"), 5000);
  EXPECT_EQ(metrics.at("harness_rss_bytes_last"), 6000);
  EXPECT_EQ(metrics.at("harness_rss_bytes_growth"), 1000);
  EXPECT_EQ(metrics.at("harness_rss_bytes_peak"), 9000);
  EXPECT_EQ(metrics.at("harness_descriptors_growth"), 0);
  EXPECT_EQ(metrics.at("harness_jitter_us_p50"), 20);
  EXPECT_EQ(metrics.at("harness_jitter_us_peak"), 30);
}

TEST(PaceTest, WhatWasNeverTakenIsNoMetric) {
  const Metrics metrics = metrics_with({free_sample(0, {board()})});
  for (const char* name : {"tick_p50_us", "late_max_us", "lag_p99_us", "affinity_errors", "lock_wait_us",
                           "harness_rss_bytes_last", "harness_jitter_us_peak"}) {
    EXPECT_FALSE(metrics.contains(name)) << name;
  }
}

TEST(PaceTest, ALockstepCellHasNoneOfThem) {
  const Metrics metrics = metrics_of(series_facts(4, [](std::int64_t) { return board(1); }));
  for (const char* name : {"ticks_ran", "rates_known", "notifier_ran", "wait_max_us"}) {
    EXPECT_FALSE(metrics.contains(name)) << name;
  }
}

}  // namespace
}  // namespace walsoak::judgement
