#include "harness/field/preload/sqlite/failures.h"

#include <gtest/gtest.h>

namespace walsoak::trace {
namespace {

TEST(Failures, OnlyThoseOfFilesAndLocksCount) {
  for (const int code : {5, 517, 8, 1544, 10, 522, 11, 13, 14, 15, 26})
    EXPECT_TRUE(is_of_files(code)) << code;
  for (const int code : {0, 1, 9, 19, 2067, 20, 21, 100, 101}) EXPECT_FALSE(is_of_files(code)) << code;
}

// However often a program tries again, the events add up to the number of failures, and are few.
TEST(Failures, EventsAddUpAndAreFew) {
  forget_failures();
  const int place = 0, other = 0;
  std::int64_t told = 0, events = 0;
  constexpr std::int64_t kMany = 100000;
  for (std::int64_t i = 0; i < kMany; ++i) {
    const std::int64_t times = count_failure(kStep, 5, &place);
    told += times;
    events += times > 0 ? 1 : 0;
  }
  EXPECT_LT(events, 120);
  EXPECT_EQ(count_failure(kStep, 5, &other), 1) << "another place";
  EXPECT_EQ(count_failure(kStep, 261, &place), 1) << "another code";
  Failure rest{};
  ASSERT_TRUE(take_counted_failure(&rest));
  EXPECT_EQ(told + rest.counted, kMany);
  EXPECT_FALSE(take_counted_failure(&rest));
  forget_failures();
}

}  // namespace
}  // namespace walsoak::trace
