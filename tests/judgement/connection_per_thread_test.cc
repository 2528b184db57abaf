// Connection per thread: the step and the growth that show it, its controls, and what cannot be told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement/mechanism/mechanisms.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using ::testing::HasSubstr;
using testing::header;
using testing::healthy_facts;
using testing::Json;
using testing::sample;

const Json kOfThreads = {{"executor", "pool"}, {"affinity", "any-thread-close"}, {"holds_connections", true}};

// Two boards, with so many connections on each at each of 8 ticks, and 10 threads.
Judgement per_thread(const std::function<std::int64_t(std::int64_t)>& open, const Json& strategy = kOfThreads,
                     const Json& settings = Json::object(), const Json& threads = 10) {
  Json head = header(2, settings);
  if (!strategy.is_null()) head["strategy"] = strategy;
  std::vector<Json> samples;
  for (std::int64_t tick = 0; tick < 8; ++tick) {
    samples.push_back(sample(tick, {board(open(tick)), board(open(tick))}));
    samples.back()["process"]["threads"] = threads;
  }
  return connection_per_thread(healthy_facts(head, samples, 2));
}

std::int64_t filling_step(std::int64_t tick) {
  return std::min<std::int64_t>(tick + 1, 4);
}
std::int64_t endless_growth(std::int64_t tick) {
  return 1 + tick;
}

TEST(ConnectionPerThreadTest, AStepThenFlat) {
  const Judgement judgement = per_thread(filling_step);
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence,
            "4 to 4 connections a board (2 boards) at tick 7, 10 threads; none more in the last half");
}

TEST(ConnectionPerThreadTest, NotWithOneThread) {
  EXPECT_EQ(per_thread([](std::int64_t) { return 1; }).presence, Presence::no);
}

TEST(ConnectionPerThreadTest, TheHeldConnectionIsNoThreads) {
  const auto two = [](std::int64_t) { return 2; };
  EXPECT_EQ(per_thread(two, kOfThreads, {{"held_connection", "on"}}).presence, Presence::no);
  EXPECT_EQ(per_thread(two, kOfThreads).presence, Presence::yes);
}

TEST(ConnectionPerThreadTest, NotWhereTheStrategyDeclaresOtherwise) {
  for (const auto& [key, value] : {std::pair<const char*, Json>{"holds_connections", false},
                                   {"affinity", "serialized"},
                                   {"executor", "dedicated"}}) {
    Json other = kOfThreads;
    other[key] = value;
    EXPECT_EQ(per_thread(filling_step, other).presence, Presence::no) << key;
  }
}

TEST(ConnectionPerThreadTest, GrowthIsTheThreadsWhereTheyDie) {
  const Judgement judgement = per_thread(endless_growth, kOfThreads, {{"pool_thread_life", 3}});
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_THAT(judgement.evidence, HasSubstr("more in the last half: threads die and leave theirs open"));
}

TEST(ConnectionPerThreadTest, GrowthThatMayBeAnothersIsUnknown) {
  EXPECT_EQ(per_thread(endless_growth).presence, Presence::unknown) << "no thread dies";
  EXPECT_EQ(per_thread(endless_growth, kOfThreads,
                       {{"pool_thread_life", 3}, {"auto_decompose", "unclosed"}, {"collector", "never"}})
                .presence,
            Presence::unknown)
      << "the triage listing leaks beside it";
}

TEST(ConnectionPerThreadTest, MoreThanOneAThreadIsUnknown) {
  EXPECT_EQ(per_thread(filling_step, kOfThreads, Json::object(), 3).presence, Presence::unknown);
}

TEST(ConnectionPerThreadTest, WithoutADeclarationOrNumbersItIsUnknown) {
  EXPECT_EQ(per_thread(filling_step, nullptr).presence, Presence::unknown);
  EXPECT_EQ(per_thread(filling_step, kOfThreads, Json::object(), nullptr).presence, Presence::unknown);
  EXPECT_EQ(per_thread([](std::int64_t) { return 1; }, nullptr).presence, Presence::no)
      << "one a board is nobody's per thread";
}

}  // namespace
}  // namespace walsoak::judgement
