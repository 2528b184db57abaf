#include "harness/base/shared/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace walsoak {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"boards", "workers", "worker_visits", "ticks"};

TEST(EditDistance, CountsEachSlipOnce) {
  EXPECT_EQ(edit_distance("boards", "boards"), 0u);
  EXPECT_EQ(edit_distance("bords", "boards"), 1u);
  EXPECT_EQ(edit_distance("boardss", "boards"), 1u);
  EXPECT_EQ(edit_distance("bosrds", "boards"), 1u);
  EXPECT_EQ(edit_distance("baords", "boards"), 1u) << "a swap of neighbours";
  EXPECT_EQ(edit_distance("", "ticks"), 5u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(EditDistance, IsTheSameBothWays) {
  EXPECT_EQ(edit_distance("worker", "workers_visits"), edit_distance("workers_visits", "worker"));
}

TEST(Nearest, FindsWhatWasMeant) {
  EXPECT_EQ(nearest("bords", kNames), "boards");
  EXPECT_EQ(nearest("worker", kNames), "workers");
  EXPECT_EQ(nearest("ticsk", kNames), "ticks");
}

TEST(Nearest, GuessesNothingFromAWordThatIsFarFromAll) {
  EXPECT_EQ(nearest("interval", kNames), "");
  EXPECT_EQ(nearest("", kNames), "");
  EXPECT_EQ(nearest(std::string(100000, 'x'), kNames), "");
}

TEST(Nearest, TakesTheFirstOfTwoAsNear) {
  constexpr std::array<std::string_view, 2> kAlike = {"acts", "arts"};
  EXPECT_EQ(nearest("ats", kAlike), "acts");
}

TEST(WhatIsValid, SuggestsAndLists) {
  EXPECT_EQ(what_is_valid("bords", kNames),
            "did you mean \"boards\"? valid: boards, workers, worker_visits, ticks");
  EXPECT_EQ(what_is_valid("x", kNames), "valid: boards, workers, worker_visits, ticks");
  EXPECT_EQ(what_is_valid("bords", kNames, "walsoak list settings"),
            "did you mean \"boards\"? valid: what walsoak list settings shows");
}

}  // namespace
}  // namespace walsoak
