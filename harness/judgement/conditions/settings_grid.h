// The settings of a run's cells as a grid of small numbers: the axes are the settings in which its cells
// differ, and a cell is one value on each. Settings that only some parts of a matrix name have their defaults
// in the others, and settings that follow from the cell's `fix` stand for nothing beside it.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace walsoak::judgement {

struct Axis {
  std::string name;
  std::vector<nlohmann::ordered_json> values;  // in the order in which the cells first have them
};

using Row = std::vector<std::size_t>;  // an index into `values` on each axis

struct Grid {
  std::vector<Axis> axes;
  std::vector<Row> rows;  // one a cell, in the order of the cells
};

// `settings` are complete: one object a cell with the same keys in each (a key that is missing counts as
// null).
Grid make_grid(const std::vector<nlohmann::ordered_json>& settings);

// The only axis on which two cells differ; nothing where they are equal or differ on several.
std::optional<std::size_t> only_difference(const Row& a, const Row& b);

}  // namespace walsoak::judgement
