#include "harness/base/os/clock.h"

#include <gtest/gtest.h>

namespace walsoak::os {
namespace {

TEST(Clock, WritesUtcForPeopleAndForFolderNames) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1795456800), "2026-11-23T18:00:00Z");
  EXPECT_EQ(utc_compact(1795456800), "20261123T180000Z");
}

TEST(Clock, TheMachinesClockNeverGoesBackAndKnowsTheCentury) {
  const std::int64_t before = system_clock().monotonic_us();
  EXPECT_GE(system_clock().monotonic_us(), before);
  const std::int64_t seconds = system_clock().unix_s();
  EXPECT_GT(seconds, 1700000000);
  EXPECT_GE(unix_us(), seconds * 1000000);
}

}  // namespace
}  // namespace walsoak::os
