#include "harness/scenario/cells.h"

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
  for (const auto& combination : layers.combinations) {
    Draft cell;
    cell.lay(layers.base);
    cell.lay(combination);
    cell.lay(layers.overrides);
    distinct.add(std::move(cell));
  }
  const std::size_t of_matrix = distinct.cells().size();
  for (std::size_t i = 0; i < of_matrix; ++i) {
    for (const auto& control : layers.controls) {
      Draft cell = distinct.cells()[i];
      if (cell.has(control)) continue;
      cell.controls.clear();
      cell.control_of.reset();
      cell.lay(control);
      const std::size_t index = distinct.add(std::move(cell));
      distinct.cells()[i].controls.push_back(index);
      auto& control_of = distinct.cells()[index].control_of;
      if (!control_of) control_of = i;
    }
  }
  return std::move(distinct.cells());
}

}  // namespace walsoak::scenario
