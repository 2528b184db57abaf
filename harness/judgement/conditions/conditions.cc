#include "harness/judgement/conditions/conditions.h"

#include <algorithm>
#include <functional>
#include <optional>

#include "harness/judgement/conditions/conjunction.h"
#include "harness/judgement/conditions/settings_grid.h"
#include "harness/model/vocabulary/findings.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;
using Has = std::function<Presence(const CellOutcome&)>;

// The cells that can be told, as a grid.
struct Told {
  std::vector<std::string> names;
  std::vector<bool> has;
  Grid grid;
};

ordered_json where(const Grid& grid, const Conjunction& conjunction) {
  ordered_json result = ordered_json::object();
  for (std::size_t axis = 0; axis < grid.axes.size(); ++axis) {
    if (!conjunction[axis]) continue;
    ordered_json values = ordered_json::array();
    for (std::size_t value : *conjunction[axis]) values.push_back(grid.axes[axis].values[value]);
    result[grid.axes[axis].name] = std::move(values);
  }
  return result;
}

// For each axis that is no condition: whether cells with the outcome were run with another value of it, all
// else equal. Only then did it make no difference; where it was varied among cells without the outcome alone,
// nothing is shown.
void add_other_axes(const Told& told, const Description& description, ordered_json& result) {
  std::vector<int> both(told.grid.axes.size()), one(told.grid.axes.size());
  for (std::size_t i = 0; i < told.names.size(); ++i) {
    for (std::size_t j = i + 1; j < told.names.size(); ++j) {
      if (!told.has[i] && !told.has[j]) continue;
      const auto axis = only_difference(told.grid.rows[i], told.grid.rows[j]);
      if (axis) ++(told.has[i] && told.has[j] ? both : one)[*axis];
    }
  }
  result["no_difference"] = ordered_json::array();
  result["not_varied"] = ordered_json::array();
  for (std::size_t axis = 0; axis < both.size(); ++axis) {
    const bool condition = std::any_of(description.any_of.begin(), description.any_of.end(),
                                       [axis](const Conjunction& c) { return c[axis].has_value(); });
    if (one[axis] > 0 || condition) continue;
    result[both[axis] > 0 ? "no_difference" : "not_varied"].push_back(told.grid.axes[axis].name);
  }
}

// Two cells that differ on the axis alone, the first with the outcome (and in the conjunction), the second
// without.
std::optional<ordered_json> control(const Told& told, const Conjunction& conjunction, std::size_t axis) {
  for (std::size_t i = 0; i < told.names.size(); ++i) {
    if (!told.has[i] || !covers(conjunction, told.grid.rows[i])) continue;
    for (std::size_t j = 0; j < told.names.size(); ++j) {
      if (told.has[j] || only_difference(told.grid.rows[i], told.grid.rows[j]) != axis) continue;
      const Axis& differs = told.grid.axes[axis];
      return ordered_json{{"with", told.names[i]},
                          {"without", told.names[j]},
                          {"differs", differs.name},
                          {"with_value", differs.values[told.grid.rows[i][axis]]},
                          {"without_value", differs.values[told.grid.rows[j][axis]]}};
    }
  }
  return std::nullopt;
}

void add_controls(const Told& told, const Description& description, ordered_json& result) {
  ordered_json controls = ordered_json::array();
  ordered_json uncontrolled = ordered_json::array();
  for (const Conjunction& conjunction : description.any_of) {
    for (std::size_t axis = 0; axis < conjunction.size(); ++axis) {
      if (!conjunction[axis]) continue;
      if (auto pair = control(told, conjunction, axis)) {
        if (std::find(controls.begin(), controls.end(), *pair) == controls.end())
          controls.push_back(std::move(*pair));
      } else if (std::find(uncontrolled.begin(), uncontrolled.end(), told.grid.axes[axis].name) ==
                 uncontrolled.end()) {
        uncontrolled.push_back(told.grid.axes[axis].name);
      }
    }
  }
  result["controls"] = std::move(controls);
  result["uncontrolled"] = std::move(uncontrolled);
}

ordered_json condition(const std::string& outcome, const char* kind, const std::vector<CellOutcome>& cells,
                       const Has& has) {
  Told told;
  std::vector<ordered_json> settings;
  ordered_json with = ordered_json::array();
  ordered_json unknown = ordered_json::array();
  for (const CellOutcome& cell : cells) {
    const Presence presence = has(cell);
    if (presence == Presence::unknown) {
      unknown.push_back(cell.cell);
      continue;
    }
    told.names.push_back(cell.cell);
    told.has.push_back(presence == Presence::yes);
    settings.push_back(cell.settings);
    if (presence == Presence::yes) with.push_back(cell.cell);
  }
  told.grid = make_grid(settings);
  const Description description = describe(told.grid, told.has);

  ordered_json result{{"outcome", outcome},
                      {"kind", kind},
                      {"cells", std::move(with)},
                      {"of", told.names.size()},
                      {"exact", description.exact}};
  result["where"] = ordered_json::array();
  for (const Conjunction& one : description.any_of) result["where"].push_back(where(told.grid, one));
  result["alternatives"] = ordered_json::array();
  for (const Conjunction& one : description.alternatives)
    result["alternatives"].push_back(where(told.grid, one));
  add_other_axes(told, description, result);
  add_controls(told, description, result);
  result["unknown"] = std::move(unknown);
  result["unexplained"] = ordered_json::array();
  for (std::size_t cell : description.unexplained) result["unexplained"].push_back(told.names[cell]);
  return result;
}

// Takes another repeat of the point in.
void fold(CellOutcome& point, const CellOutcome& repeat) {
  std::set<std::string> held = std::move(point.findings);
  point.findings.clear();
  for (const std::string& finding : held) {
    (repeat.findings.contains(finding) ? point.findings : point.sometimes).insert(finding);
  }
  for (const std::string& finding : repeat.findings) {
    if (!held.contains(finding)) point.sometimes.insert(finding);
  }
  if (repeat.finding == kUnknown) point.finding = kUnknown;
  for (auto& [name, presence] : point.mechanisms) {
    const auto other = repeat.mechanisms.find(name);
    if (other == repeat.mechanisms.end() || other->second != presence) presence = Presence::unknown;
  }
}

}  // namespace

std::vector<CellOutcome> points_of(const std::vector<CellOutcome>& repeats) {
  std::vector<CellOutcome> points;
  for (const CellOutcome& repeat : repeats) {
    const auto found = std::find_if(points.begin(), points.end(),
                                    [&](const CellOutcome& point) { return point.cell == repeat.cell; });
    if (found == points.end()) {
      points.push_back(repeat);
    } else {
      fold(*found, repeat);
    }
  }
  return points;
}

ordered_json conditions_of(const std::vector<CellOutcome>& cells) {
  ordered_json result = ordered_json::array();
  for (const FindingInfo& info : findings_table()) {
    if (!is_harmful(info.name)) continue;
    const std::string finding(info.name);
    const Has has = [finding](const CellOutcome& cell) {
      if (cell.findings.contains(finding)) return Presence::yes;
      if (cell.sometimes.contains(finding)) return Presence::unknown;
      return cell.finding == kUnknown ? Presence::unknown : Presence::no;
    };
    const bool seen = std::any_of(cells.begin(), cells.end(),
                                  [&](const CellOutcome& c) { return has(c) == Presence::yes; });
    if (seen) result.push_back(condition(finding, "finding", cells, has));
  }
  std::set<std::string> mechanisms;
  for (const CellOutcome& cell : cells) {
    for (const auto& [name, presence] : cell.mechanisms) {
      if (presence == Presence::yes && name != kSidecarChurn) mechanisms.insert(name);
    }
  }
  for (const std::string& mechanism : mechanisms) {
    result.push_back(condition(mechanism, "mechanism", cells, [&mechanism](const CellOutcome& cell) {
      const auto found = cell.mechanisms.find(mechanism);
      return found == cell.mechanisms.end() ? Presence::unknown : found->second;
    }));
  }
  return result;
}

}  // namespace walsoak::judgement
