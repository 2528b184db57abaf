// The fixed schedule: what is due, what was missed, and how it ends.
#include "harness/subject/gateway/schedule.h"

#include <gmock/gmock.h>

namespace walsoak::subject {
namespace {

constexpr std::int64_t kT0 = 10000, kInterval = 1000;

struct Told {
  std::int64_t number, due_us, missed;
  bool operator==(const Told&) const = default;
};

std::optional<Told> next_of(FixedSchedule& schedule, std::int64_t now_us) {
  const auto slot = schedule.next(now_us);
  if (!slot) return std::nullopt;
  return Told{slot->number, slot->due_us, slot->missed};
}

FixedSchedule without_end() {
  return {kT0, kInterval, std::nullopt};
}

TEST(Schedule, ASlotIsDueAnIntervalAfterTheOneBefore) {
  FixedSchedule schedule = without_end();
  EXPECT_EQ(next_of(schedule, kT0), (Told{0, 11000, 0}));
  EXPECT_EQ(next_of(schedule, 11010), (Told{1, 12000, 0}));
  EXPECT_EQ(next_of(schedule, 12999), (Told{2, 13000, 0}));
}

TEST(Schedule, ALateSlotDelaysNoneOfThoseThatFollow) {
  FixedSchedule schedule = without_end();
  next_of(schedule, kT0);
  // Slot 0 began late and ended at 11999: slot 1 is due where it always was.
  EXPECT_EQ(next_of(schedule, 11999), (Told{1, 12000, 0}));
}

TEST(Schedule, SlotsWhoseTimeCameWhileAnotherRanAreMissed) {
  FixedSchedule schedule = without_end();
  next_of(schedule, kT0);
  EXPECT_EQ(next_of(schedule, 14500), (Told{4, 15000, 3}));
  EXPECT_EQ(next_of(schedule, 15500), (Told{5, 16000, 0})) << "told once";
}

TEST(Schedule, ASlotThatIsDueAtThisVeryMomentIsMissed) {
  FixedSchedule schedule = without_end();
  next_of(schedule, kT0);
  EXPECT_EQ(next_of(schedule, 12000), (Told{2, 13000, 1}));
}

TEST(Schedule, BeforeItsBeginEverySlotIsStillToCome) {
  FixedSchedule schedule = without_end();
  EXPECT_EQ(next_of(schedule, 0), (Told{0, 11000, 0}));
  EXPECT_EQ(next_of(schedule, 0), (Told{1, 12000, 0})) << "none is told twice";
}

TEST(Schedule, AskedLateTheFirstSlotsAreMissed) {
  FixedSchedule schedule = without_end();
  EXPECT_EQ(next_of(schedule, 12345), (Told{2, 13000, 2}));
}

TEST(Schedule, SlotsAreUsedUp) {
  FixedSchedule schedule(kT0, kInterval, 2);
  EXPECT_EQ(next_of(schedule, kT0), (Told{0, 11000, 0}));
  EXPECT_EQ(next_of(schedule, 11001), (Told{1, 12000, 0}));
  EXPECT_EQ(next_of(schedule, 12001), std::nullopt);
  EXPECT_EQ(schedule.missed_at_end(), 0);
  EXPECT_EQ(next_of(schedule, 12002), std::nullopt) << "for good";
  EXPECT_EQ(schedule.missed_at_end(), 0);
}

TEST(Schedule, SlotsSkippedAtTheEndAreMissedToo) {
  FixedSchedule schedule(kT0, kInterval, 5);
  EXPECT_EQ(next_of(schedule, kT0), (Told{0, 11000, 0}));
  EXPECT_EQ(next_of(schedule, 12500), (Told{2, 13000, 1}));
  EXPECT_EQ(next_of(schedule, 99999), std::nullopt);
  EXPECT_EQ(schedule.missed_at_end(), 2) << "two ran, one was missed between them";
}

TEST(Schedule, WhateverHappensEachSlotRanOrWasMissed) {
  // Slots that take from nothing to many intervals, in a fixed disorder.
  FixedSchedule schedule(kT0, kInterval, 1000);
  std::int64_t now = kT0, ran = 0, missed = 0, last = -1;
  while (const auto slot = schedule.next(now)) {
    EXPECT_GT(slot->due_us, now);
    EXPECT_EQ(slot->number, last + 1 + slot->missed);
    last = slot->number;
    ++ran;
    missed += slot->missed;
    now = slot->due_us + (ran * 7919) % 4200;
  }
  EXPECT_EQ(ran + missed + schedule.missed_at_end(), 1000);
  EXPECT_GT(ran, 0);
  EXPECT_GT(missed, 0);
}

}  // namespace
}  // namespace walsoak::subject
