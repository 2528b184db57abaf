// From the layers of values in a scenario to its distinct cells: every combination of the matrix, and for
// each the controls that differ from it in one value.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/scenario/assignments.h"

namespace walsoak::scenario {

// A cell in the making: the defaults and what was laid over them.
class Draft {
 public:
  // Lays values over what is there.
  void lay(const std::vector<Assignment>& assignments);

  // What gave a setting its value, or nullptr where it is at its default.
  const Assignment* assignment(std::string_view setting) const;
  const nlohmann::json& value(std::string_view setting) const;
  // Whether the cell has all these values.
  bool has(const std::vector<Assignment>& assignments) const;
  // Every setting, in the order of settings_table().
  nlohmann::ordered_json settings() const;

  std::vector<std::size_t> controls;      // indices of this cell's controls
  std::optional<std::size_t> control_of;  // index of the first cell whose control this is

 private:
  std::map<std::string_view, Assignment> laid_;
};

// The layers of a scenario, lowest first.
struct Layers {
  std::vector<Assignment> base;  // preset, then settings
  std::map<std::string, std::vector<Assignment>>
      fixes;  // what each value of the setting `fix` lays over the cell
  std::vector<std::vector<Assignment>> combinations;  // of the matrix
  std::vector<Assignment> overrides;
  std::vector<std::vector<Assignment>> controls;  // a group for each key of `control`
};

// The cells of the matrix in its order, equal ones merged, then the controls that are not among them. A cell
// that has a control's value already has no control for that key. What a fix names wins over the condition,
// which is all but the overrides and the control's own value.
std::vector<Draft> expand_cells(const Layers& layers);

}  // namespace walsoak::scenario
