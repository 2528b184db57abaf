// The order of repeated cells.
#include "harness/lab/run/repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walsoak::lab {
namespace {

std::vector<std::size_t> points(const std::vector<Turn>& turns, std::size_t from, std::size_t count) {
  std::vector<std::size_t> result;
  for (std::size_t i = from; i < from + count; ++i) result.push_back(turns[i].point);
  return result;
}

TEST(Repeats, WithoutAnyTheOrderIsThatOfTheCells) {
  EXPECT_EQ(interleaved({1, 1, 1}, 7), (std::vector<Turn>{{0, 1}, {1, 1}, {2, 1}}));
  EXPECT_TRUE(interleaved({}, 7).empty());
}

TEST(Repeats, EveryBlockHasEveryCellOnce) {
  const std::vector<Turn> turns = interleaved({5, 5, 5, 5, 5, 5}, 1);
  ASSERT_EQ(turns.size(), 30U);
  for (std::size_t block = 0; block < 5; ++block) {
    EXPECT_THAT(points(turns, 6 * block, 6), testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5));
    for (std::size_t i = 6 * block; i < 6 * block + 6; ++i) {
      EXPECT_EQ(turns[i].repeat, static_cast<std::int64_t>(block) + 1);
    }
  }
}

TEST(Repeats, TheSeedDrawsAnOrderForEachBlock) {
  const std::vector<Turn> turns = interleaved({3, 3, 3, 3, 3, 3, 3, 3}, 1);
  EXPECT_EQ(turns, interleaved({3, 3, 3, 3, 3, 3, 3, 3}, 1));
  EXPECT_NE(turns, interleaved({3, 3, 3, 3, 3, 3, 3, 3}, 2));
  EXPECT_NE(points(turns, 0, 8), points(turns, 8, 8));
  EXPECT_NE(points(turns, 8, 8), points(turns, 16, 8));
}

TEST(Repeats, CellsThatAreRepeatedLessAreLeftOutOfLaterBlocks) {
  const std::vector<Turn> turns = interleaved({1, 3}, 1);
  ASSERT_EQ(turns.size(), 4U);
  EXPECT_THAT(points(turns, 0, 2), testing::UnorderedElementsAre(0, 1));
  EXPECT_EQ(turns[2], (Turn{1, 2}));
  EXPECT_EQ(turns[3], (Turn{1, 3}));
}

TEST(Repeats, TheFirstKeepsItsName) {
  EXPECT_EQ(repeat_name("c01", 1), "c01");
  EXPECT_EQ(repeat_name("split.c01", 12), "split.c01r12");
}

}  // namespace
}  // namespace walsoak::lab
