#include "harness/judgement/conditions/conjunction.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <utility>

namespace walsoak::judgement {
namespace {

// All subsets of so many axes are tried; with more, only the greedy union is.
constexpr std::size_t kMostAxesTried = 14;
constexpr std::size_t kMostAlternatives = 5;

bool covers_only(const Conjunction& conjunction, const std::vector<Row>& rows, const std::vector<bool>& has) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!has[i] && covers(conjunction, rows[i])) return false;
  }
  return true;
}

std::size_t values_in(const Conjunction& conjunction) {
  std::size_t values = 0;
  for (const auto& condition : conjunction) values += condition ? condition->size() : 0;
  return values;
}

// The values that the cells with the outcome have on each axis; nothing where they have all of them.
Conjunction tightest(const Grid& grid, const std::vector<bool>& has) {
  Conjunction box(grid.axes.size());
  for (std::size_t axis = 0; axis < grid.axes.size(); ++axis) {
    std::set<std::size_t> values;
    for (std::size_t i = 0; i < grid.rows.size(); ++i) {
      if (has[i]) values.insert(grid.rows[i][axis]);
    }
    if (values.size() < grid.axes[axis].values.size()) box[axis] = std::move(values);
  }
  return box;
}

// Every single conjunction with the fewest conditions, then the fewest values, that covers the cells exactly.
std::vector<Conjunction> shortest_exact(const Grid& grid, const std::vector<bool>& has) {
  const Conjunction box = tightest(grid, has);
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < box.size(); ++axis) {
    if (box[axis]) axes.push_back(axis);
  }
  // Whatever covers them all is wider than the tightest one.
  if (axes.size() > kMostAxesTried || !covers_only(box, grid.rows, has)) return {};
  std::vector<Conjunction> best;
  for (std::uint32_t subset = 0; subset < (1U << axes.size()); ++subset) {
    const auto conditions = static_cast<std::size_t>(std::popcount(subset));
    if (!best.empty() && conditions > conditions_in(best.front())) continue;
    Conjunction candidate(box.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      if ((subset >> i & 1U) != 0) candidate[axes[i]] = box[axes[i]];
    }
    if (!covers_only(candidate, grid.rows, has)) continue;
    const auto rank = [](const Conjunction& c) { return std::make_pair(conditions_in(c), values_in(c)); };
    if (!best.empty() && rank(candidate) < rank(best.front())) best.clear();
    if (best.empty() || rank(candidate) == rank(best.front())) best.push_back(std::move(candidate));
  }
  return best;
}

// Widens the one cell to a conjunction that covers no cell without the outcome: conditions are dropped in the
// order given, then values are added to those that stay.
Conjunction widen(const Grid& grid, const std::vector<bool>& has, const Row& seed,
                  const std::vector<std::size_t>& order) {
  Conjunction box(seed.size());
  for (std::size_t axis = 0; axis < seed.size(); ++axis) box[axis] = std::set<std::size_t>{seed[axis]};
  for (std::size_t axis : order) {
    auto condition = std::exchange(box[axis], std::nullopt);
    if (!covers_only(box, grid.rows, has)) box[axis] = std::move(condition);
  }
  for (std::size_t axis : order) {
    if (!box[axis]) continue;
    for (std::size_t value = 0; value < grid.axes[axis].values.size(); ++value) {
      if (!box[axis]->insert(value).second) continue;
      const bool useful = std::any_of(grid.rows.begin(), grid.rows.end(),
                                      [&](const Row& row) { return row[axis] == value && covers(box, row); });
      if (!useful || !covers_only(box, grid.rows, has)) box[axis]->erase(value);
    }
  }
  return box;
}

Conjunction widest_from(const Grid& grid, const std::vector<bool>& has, const std::vector<bool>& open,
                        const Row& seed) {
  const auto score = [&](const Conjunction& box) {
    std::int64_t covered = 0;
    for (std::size_t i = 0; i < grid.rows.size(); ++i)
      covered += open[i] && covers(box, grid.rows[i]) ? 1 : 0;
    return std::make_tuple(covered, -static_cast<std::int64_t>(conditions_in(box)),
                           -static_cast<std::int64_t>(values_in(box)));
  };
  std::vector<std::size_t> order(grid.axes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  Conjunction best = widen(grid, has, seed, order);
  for (std::size_t turn = 0; turn < order.size(); ++turn) {
    for (int direction = 0; direction < 2; ++direction) {
      std::reverse(order.begin(), order.end());
      Conjunction box = widen(grid, has, seed, order);
      if (score(box) > score(best)) best = std::move(box);
    }
    std::rotate(order.begin(), order.begin() + 1, order.end());
  }
  return best;
}

// Covers what is left with the conjunction that covers most of it, until nothing is left.
void cover_greedily(const Grid& grid, const std::vector<bool>& has, Description& description) {
  std::vector<bool> open = has;
  for (std::size_t i = 0; i < grid.rows.size(); ++i) {
    if (!has[i]) continue;
    for (std::size_t j = 0; j < grid.rows.size(); ++j) {
      if (has[j] || grid.rows[i] != grid.rows[j]) continue;
      open[i] = false;
      description.unexplained.push_back(i);
      break;
    }
  }
  for (auto seed = std::find(open.begin(), open.end(), true); seed != open.end();
       seed = std::find(open.begin(), open.end(), true)) {
    Conjunction box = widest_from(grid, has, open, grid.rows[static_cast<std::size_t>(seed - open.begin())]);
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (covers(box, grid.rows[i])) open[i] = false;
    }
    description.any_of.push_back(std::move(box));
  }
  description.exact = description.unexplained.empty();
}

}  // namespace

bool covers(const Conjunction& conjunction, const Row& row) {
  for (std::size_t axis = 0; axis < row.size(); ++axis) {
    if (conjunction[axis] && !conjunction[axis]->contains(row[axis])) return false;
  }
  return true;
}

std::size_t conditions_in(const Conjunction& conjunction) {
  return static_cast<std::size_t>(
      std::count_if(conjunction.begin(), conjunction.end(), [](const auto& c) { return c.has_value(); }));
}

Description describe(const Grid& grid, const std::vector<bool>& has) {
  Description description;
  std::vector<Conjunction> exact = shortest_exact(grid, has);
  if (exact.empty()) {
    cover_greedily(grid, has, description);
    return description;
  }
  description.exact = true;
  description.any_of.push_back(std::move(exact.front()));
  for (std::size_t i = 1; i < exact.size() && i <= kMostAlternatives; ++i) {
    description.alternatives.push_back(std::move(exact[i]));
  }
  return description;
}

}  // namespace walsoak::judgement
