// Describes a set of cells by conditions on axes: one conjunction ("a = 1 and b in {2, 3}") that covers
// exactly them where there is one, the shortest; else a short union of such.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include "harness/judgement/conditions/settings_grid.h"

namespace walsoak::judgement {

// For each axis the values that it may have; nothing: any.
using Conjunction = std::vector<std::optional<std::set<std::size_t>>>;

bool covers(const Conjunction& conjunction, const Row& row);
std::size_t conditions_in(const Conjunction& conjunction);

struct Description {
  std::vector<Conjunction> any_of;  // their union is the description
  std::vector<Conjunction>
      alternatives;  // single conjunctions just as exact and short: the cells cannot tell them apart
  std::vector<std::size_t>
      unexplained;     // cells that have the outcome while a cell of the same settings has not
  bool exact = false;  // covers all cells that have it and none that has not
};

// `has[i]` is whether the cell of rows[i] has the outcome; at least one has.
Description describe(const Grid& grid, const std::vector<bool>& has);

}  // namespace walsoak::judgement
