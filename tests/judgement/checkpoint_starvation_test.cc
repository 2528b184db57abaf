// Checkpoint starvation: a -wal that outgrows what makes a checkpoint due, beside those that do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement/mechanism/mechanisms.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::header;
using testing::healthy_facts;
using testing::Json;
using testing::sample;
using testing::series_facts;

constexpr std::int64_t kWalFrame = 4120;

// A -wal of so many frames at each of 9 ticks, where 10 make a checkpoint due.
Judgement starvation(const std::function<std::int64_t(std::int64_t)>& frames,
                     const Json& over = Json::object()) {
  Json settings = {{"wal_autocheckpoint", 10}};
  settings.update(over);
  const auto at = [&frames](std::int64_t tick) {
    return board(1, {{"wal_bytes", kWalFrame * frames(tick)}});
  };
  return checkpoint_starvation(series_facts(9, at, settings));
}

std::int64_t starved_frames(std::int64_t tick) {
  return 8 * tick;
}

TEST(CheckpointStarvationTest, TheWalGrowsInBothHalvesWellPastWhatIsDue) {
  const Judgement judgement = starvation(starved_frames);
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence,
            "b01: -wal 0, 131840, 263680 bytes at ticks 0, 4, 8; a checkpoint is due at 41200");
}

TEST(CheckpointStarvationTest, ABoundedWalIsNotStarved) {
  EXPECT_EQ(starvation([](std::int64_t tick) { return std::min<std::int64_t>(4 * tick, 16); }).presence,
            Presence::no);
}

TEST(CheckpointStarvationTest, OneLargeTransactionIsNotStarvation) {
  EXPECT_EQ(starvation([](std::int64_t tick) { return tick < 2 ? 0 : 400; }).presence, Presence::no);
}

TEST(CheckpointStarvationTest, GrowthBeforeACheckpointIsDueIsHealthy) {
  EXPECT_EQ(starvation(starved_frames, {{"wal_autocheckpoint", 1000}}).presence, Presence::no);
}

TEST(CheckpointStarvationTest, NoWalIsNotStarved) {
  const auto none = [](std::int64_t) { return board(0); };
  EXPECT_EQ(checkpoint_starvation(series_facts(9, none)).presence, Presence::no);
}

TEST(CheckpointStarvationTest, OneStarvedBoardIsEnough) {
  std::vector<Json> samples;
  for (std::int64_t tick = 0; tick < 9; ++tick) {
    samples.push_back(sample(tick, {board(0), board(1, {{"wal_bytes", kWalFrame * starved_frames(tick)}})}));
  }
  EXPECT_EQ(
      checkpoint_starvation(healthy_facts(header(2, {{"wal_autocheckpoint", 10}}), samples, 2)).presence,
      Presence::yes);
}

TEST(CheckpointStarvationTest, WhatCannotBeToldIsUnknown) {
  EXPECT_EQ(starvation([](std::int64_t tick) { return 4 * tick; }).presence, Presence::unknown)
      << "past what is due, but not well past";
  EXPECT_EQ(starvation(starved_frames, {{"wal_autocheckpoint", 0}}).presence, Presence::unknown);
  EXPECT_EQ(starvation(starved_frames, {{"board_template", "kanban.db"}}).presence, Presence::unknown);
  const auto one = [](std::int64_t) { return board(1); };
  EXPECT_EQ(checkpoint_starvation(series_facts(2, one)).presence, Presence::unknown) << "two samples";
}

}  // namespace
}  // namespace walsoak::judgement
