#include "harness/judgement/conditions/settings_grid.h"

#include <algorithm>
#include <map>
#include <utility>

namespace walsoak::judgement {
namespace {

// The column of the setting `fix`; nullptr where it is the same in every cell.
const Row* column_of_fix(const std::vector<std::pair<Axis, Row>>& columns) {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [](const auto& column) { return column.first.name == "fix"; });
  return found == columns.end() ? nullptr : &found->second;
}

// Whether cells that agree in one column always agree in the other.
bool follows(const Row& column, const Row& from) {
  std::map<std::size_t, std::size_t> value_with;
  for (std::size_t cell = 0; cell < column.size(); ++cell) {
    if (value_with.try_emplace(from[cell], column[cell]).first->second != column[cell]) return false;
  }
  return true;
}

}  // namespace

Grid make_grid(const std::vector<nlohmann::ordered_json>& settings) {
  Grid grid;
  grid.rows.resize(settings.size());
  if (settings.empty()) return grid;
  std::vector<std::string> names;
  for (const auto& cell : settings) {
    for (const auto& [name, value] : cell.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  std::vector<std::pair<Axis, Row>> columns;
  for (const std::string& name : names) {
    Axis axis{name, {}};
    Row column;
    for (const auto& cell : settings) {
      const nlohmann::ordered_json value = cell.value(name, nlohmann::ordered_json());
      auto found = std::find(axis.values.begin(), axis.values.end(), value);
      if (found == axis.values.end()) found = axis.values.insert(found, value);
      column.push_back(static_cast<std::size_t>(found - axis.values.begin()));
    }
    if (axis.values.size() < 2) continue;  // the same in every cell
    columns.emplace_back(std::move(axis), std::move(column));
  }
  const Row* const fix = column_of_fix(columns);
  for (const auto& [axis, column] : columns) {
    // What a fix is made of says no more than its name.
    if (fix != nullptr && &column != fix && follows(column, *fix)) continue;
    grid.axes.push_back(axis);
    for (std::size_t cell = 0; cell < column.size(); ++cell) grid.rows[cell].push_back(column[cell]);
  }
  return grid;
}

std::optional<std::size_t> only_difference(const Row& a, const Row& b) {
  std::optional<std::size_t> only;
  for (std::size_t axis = 0; axis < a.size(); ++axis) {
    if (a[axis] == b[axis]) continue;
    if (only) return std::nullopt;
    only = axis;
  }
  return only;
}

}  // namespace walsoak::judgement
