#include "harness/model/cells/cells.h"

#include <string>
#include <unordered_map>

namespace walsoak::scenario {
namespace {

class DistinctCells {
 public:
  // The index of the cell, which is added unless an equal one is there.
  std::size_t add(Draft cell) {
    const auto [entry, added] = index_of_.try_emplace(cell.settings().dump(), cells_.size());
    if (added) cells_.push_back(std::move(cell));
    return entry->second;
  }

  std::vector<Draft>& cells() { return cells_; }

 private:
  std::vector<Draft> cells_;
  std::unordered_map<std::string, std::size_t> index_of_;
};

// A cell from its layers. The overrides come twice: they may choose the fix, and they win over it.
Draft composed(const Layers& layers, const std::vector<Assignment>& combination,
               const std::vector<Assignment>& control) {
  Draft cell;
  cell.lay(layers.base);
  cell.lay(combination);
  cell.lay(layers.overrides);
  cell.lay(control);
  const std::string fix = cell.value("fix").get<std::string>();
  if (const auto found = layers.fixes.find(fix); found != layers.fixes.end()) cell.lay(found->second);
  cell.lay(layers.overrides);
  cell.lay(control);
  return cell;
}

}  // namespace

void Draft::lay(const std::vector<Assignment>& assignments) {
  for (const Assignment& assignment : assignments)
    laid_.insert_or_assign(assignment.setting->name, assignment);
}

const Assignment* Draft::assignment(std::string_view setting) const {
  const auto found = laid_.find(setting);
  return found == laid_.end() ? nullptr : &found->second;
}

const nlohmann::json& Draft::value(std::string_view setting) const {
  const Assignment* laid = assignment(setting);
  return laid != nullptr ? laid->value : find_setting(setting)->default_value;
}

bool Draft::has(const std::vector<Assignment>& assignments) const {
  for (const Assignment& assignment : assignments) {
    if (value(assignment.setting->name) != assignment.value) return false;
  }
  return true;
}

nlohmann::ordered_json Draft::settings() const {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const SettingInfo& setting : settings_table()) all[std::string(setting.name)] = value(setting.name);
  return all;
}

std::vector<Draft> expand_cells(const Layers& layers) {
  DistinctCells distinct;
  std::vector<std::pair<std::size_t, const std::vector<Assignment>*>> of_matrix;  // each cell once
  for (const auto& combination : layers.combinations) {
    const std::size_t before = distinct.cells().size();
    const std::size_t index = distinct.add(composed(layers, combination, {}));
    if (index == before) of_matrix.emplace_back(index, &combination);
  }
  for (const auto& [i, combination] : of_matrix) {
    for (const auto& control : layers.controls) {
      if (distinct.cells()[i].has(control)) continue;
      const std::size_t index = distinct.add(composed(layers, *combination, control));
      distinct.cells()[i].controls.push_back(index);
      auto& control_of = distinct.cells()[index].control_of;
      if (!control_of) control_of = i;
    }
  }
  return std::move(distinct.cells());
}

}  // namespace walsoak::scenario
