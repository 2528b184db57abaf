// Descriptions of sets of cells: exact, shortest, and honest where there is none.
#include "harness/judgement/conditions/conjunction.h"

#include <gtest/gtest.h>

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;

// A full grid of axes a, b, ... with so many values each; cells in the order of counting, the last axis
// fastest.
Grid full_grid(const std::vector<std::size_t>& sizes) {
  std::vector<ordered_json> cells{ordered_json::object()};
  for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
    std::vector<ordered_json> next;
    for (const ordered_json& cell : cells) {
      for (std::size_t value = 0; value < sizes[axis]; ++value) {
        next.push_back(cell);
        next.back()[std::string(1, static_cast<char>('a' + axis))] = value;
      }
    }
    cells = std::move(next);
  }
  return make_grid(cells);
}

template <typename Outcome>
Description described(const Grid& grid, const Outcome& outcome) {
  std::vector<bool> has;
  for (const Row& row : grid.rows) has.push_back(outcome(row));
  Description description = describe(grid, has);
  for (std::size_t i = 0; i < grid.rows.size() && description.exact; ++i) {
    bool covered = false;
    for (const Conjunction& one : description.any_of) covered = covered || covers(one, grid.rows[i]);
    EXPECT_EQ(covered, has[i]) << "cell " << i << " of an exact description";
  }
  return description;
}

TEST(MakeGrid, WhatFollowsFromTheFixIsNoAxis) {
  const auto named = [](const Grid& grid) {
    std::vector<std::string> names;
    for (const Axis& axis : grid.axes) names.push_back(axis.name);
    return names;
  };
  EXPECT_EQ(named(make_grid({{{"fix", "none"}, {"strategy", "per-tick"}, {"workers", 1}},
                             {{"fix", "pool"}, {"strategy", "pool"}, {"workers", 1}},
                             {{"fix", "pool"}, {"strategy", "pool"}, {"workers", 3}}})),
            (std::vector<std::string>{"fix", "workers"}));
  EXPECT_EQ(named(make_grid(
                {{{"fix", "none"}, {"strategy", "per-tick"}}, {{"fix", "none"}, {"strategy", "pool"}}})),
            (std::vector<std::string>{"strategy"}))
      << "a fix that is the same in every cell explains nothing";
}

TEST(ConjunctionTest, FindsExactlyTheAxesThatMatter) {
  const auto description = described(
      full_grid({2, 2, 2, 2}), [](const Row& row) { return row[0] == 1 && row[1] == 1 && row[3] == 0; });
  EXPECT_TRUE(description.exact);
  ASSERT_EQ(description.any_of.size(), 1U);
  EXPECT_EQ(description.any_of[0], (Conjunction{{{1}}, {{1}}, {}, {{0}}}));
  EXPECT_TRUE(description.alternatives.empty());
}

TEST(ConjunctionTest, AValueInASet) {
  const auto description =
      described(full_grid({4, 2}), [](const Row& row) { return row[0] == 1 || row[0] == 3; });
  ASSERT_EQ(description.any_of.size(), 1U);
  EXPECT_EQ(description.any_of[0], (Conjunction{{{1, 3}}, {}}));
}

TEST(ConjunctionTest, EveryCellNeedsNoCondition) {
  const auto description = described(full_grid({2, 3}), [](const Row&) { return true; });
  ASSERT_EQ(description.any_of.size(), 1U);
  EXPECT_EQ(conditions_in(description.any_of[0]), 0U);
}

TEST(ConjunctionTest, AxesThatCannotBeToldApartAreAlternatives) {
  // b always follows a: either describes the outcome.
  const Grid grid = make_grid({{{"a", 0}, {"b", "x"}}, {{"a", 1}, {"b", "y"}}});
  const auto description = described(grid, [](const Row& row) { return row[0] == 1; });
  ASSERT_EQ(description.any_of.size(), 1U);
  ASSERT_EQ(description.alternatives.size(), 1U);
  EXPECT_NE(description.any_of[0], description.alternatives[0]);
}

TEST(ConjunctionTest, AUnionWhereNoConjunctionIsExact) {
  const auto description =
      described(full_grid({2, 2, 2}), [](const Row& row) { return row[0] == 1 || row[2] == 1; });
  EXPECT_TRUE(description.exact);
  EXPECT_EQ(description.any_of.size(), 2U);
  for (const Conjunction& one : description.any_of) EXPECT_EQ(conditions_in(one), 1U);
}

TEST(ConjunctionTest, EveryOutcomeOfASmallGridIsDescribedExactly) {
  const Grid grid = full_grid({2, 2, 2});
  for (unsigned mask = 1; mask < 256; ++mask) {
    std::vector<bool> has;
    for (unsigned bit = 0; bit < 8; ++bit) has.push_back((mask >> bit & 1U) != 0);
    std::size_t at = 0;
    const auto description = described(grid, [&](const Row&) { return has[at++]; });
    EXPECT_TRUE(description.exact) << mask;
    EXPECT_LE(description.any_of.size(), 4U) << mask;
  }
}

TEST(ConjunctionTest, EqualSettingsWithDifferentOutcomesAreNotExplained) {
  const Grid grid = make_grid({{{"a", 0}}, {{"a", 1}}, {{"a", 1}}});
  const Description description = describe(grid, {false, true, false});
  EXPECT_FALSE(description.exact);
  EXPECT_EQ(description.unexplained, (std::vector<std::size_t>{1}));
}

TEST(ConjunctionTest, MoreAxesThanCanBeTriedAreStillDescribed) {
  std::vector<ordered_json> cells;
  for (int i = 0; i < 20; ++i) {
    ordered_json cell;
    for (int axis = 0; axis < 20; ++axis) cell["axis" + std::to_string(axis)] = axis == i ? 1 : 0;
    cells.push_back(cell);
  }
  const auto description = described(make_grid(cells), [](const Row& row) { return row[7] == 1; });
  EXPECT_TRUE(description.exact);
  ASSERT_EQ(description.any_of.size(), 1U);
  EXPECT_EQ(conditions_in(description.any_of[0]), 1U);
}

TEST(SettingsGridTest, AxesAreTheSettingsThatDiffer) {
  const Grid grid = make_grid({{{"strategy", "per-tick"}, {"boards", 4}, {"fingerprint", "inode"}},
                               {{"strategy", "persistent"}, {"boards", 4}, {"fingerprint", "mtime-size"}}});
  ASSERT_EQ(grid.axes.size(), 2U);
  EXPECT_EQ(grid.axes[0].name, "strategy");
  EXPECT_EQ(grid.axes[1].name, "fingerprint");
  EXPECT_EQ(only_difference(grid.rows[0], grid.rows[1]), std::nullopt);
  EXPECT_EQ(only_difference({0, 1}, {0, 2}), 1U);
  EXPECT_EQ(only_difference({0, 1}, {0, 1}), std::nullopt);
}

}  // namespace
}  // namespace walsoak::judgement
