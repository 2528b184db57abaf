// Arithmetic on closed ranges.
#include "harness/evidence/stats/ranges.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace walsoak::stats {
namespace {

using nlohmann::ordered_json;

TEST(RangesTest, CountsBothEnds) {
  EXPECT_EQ(Ranges({{1, 40}, {42, 42}}).count(), 41);
  EXPECT_EQ(Ranges().count(), 0);
}

TEST(RangesTest, MergesWhatTouchesOrOverlaps) {
  const Ranges merged({{5, 6}, {1, 2}, {3, 4}, {6, 9}, {20, 10}});
  EXPECT_EQ(merged.ranges(), (std::vector<Ranges::Range>{{1, 9}}));
}

TEST(RangesTest, WithoutCutsTheMiddleAndTheEnds) {
  EXPECT_EQ(Ranges({{1, 10}}).without(Ranges({{4, 6}})).text(), "1-3, 7-10");
  EXPECT_EQ(Ranges({{1, 10}}).without(Ranges({{1, 3}, {9, 12}})).text(), "4-8");
  EXPECT_EQ(Ranges({{1, 3}}).without(Ranges({{1, 3}})).count(), 0);
  EXPECT_EQ(Ranges({{1, 3}}).without(Ranges()).text(), "1-3");
}

TEST(RangesTest, OneCutReachesOverSeveralRanges) {
  EXPECT_EQ(Ranges({{1, 4}, {6, 8}, {10, 12}}).without(Ranges({{3, 11}})).text(), "1-2, 12");
}

TEST(RangesTest, AgreesWithSetsOfNumbers) {
  // Every pair of subsets of 1..6, as ranges and as sets.
  const auto of_mask = [](unsigned mask) {
    std::vector<Ranges::Range> ranges;
    for (int bit = 0; bit < 6; ++bit) {
      if ((mask >> bit & 1U) != 0) ranges.emplace_back(bit + 1, bit + 1);
    }
    return Ranges(std::move(ranges));
  };
  for (unsigned a = 0; a < 64; ++a) {
    for (unsigned b = 0; b < 64; ++b)
      EXPECT_EQ(of_mask(a).without(of_mask(b)), of_mask(a & ~b)) << a << " " << b;
  }
}

TEST(RangesTest, TextIsCutAfterAFewRanges) {
  EXPECT_EQ(Ranges({{1, 1}, {3, 3}, {5, 5}, {7, 7}, {9, 9}, {11, 12}}).text(),
            "1, 3, 5, 7 and 2 more ranges");
}

TEST(RangesTest, ReadsJsonAndRefusesOtherShapes) {
  EXPECT_EQ(Ranges::from_json(ordered_json::parse("[[1,40],[42,42]]")).count(), 41);
  for (const char* bad : {"{}", "[1]", "[[1]]", "[[1,2,3]]", "[[1,\"2\"]]", "[[1,2.5]]"}) {
    EXPECT_THROW(Ranges::from_json(ordered_json::parse(bad)), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace walsoak::stats
