#include "harness/report/text/groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/model/vocabulary/findings.h"
#include "harness/report/text/cells.h"

namespace walsoak::report {
namespace {

std::string scenario_of(const Json& cell) {
  const std::string name = name_of(cell);
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? "" : name.substr(0, dot);
}

// The values of a setting that cells have, each once, in their order.
std::vector<std::string> values_of(const Cells& cells, const std::string& setting) {
  std::vector<std::string> values;
  for (const Json* cell : cells) {
    std::string value = value_on(*cell, setting);
    if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(std::move(value));
  }
  return values;
}

std::string where_text(const Cells& group, const Cells& all, const std::vector<std::string>& axes) {
  std::string text;
  for (const std::string& axis : axes) {
    const std::vector<std::string> values = values_of(group, axis);
    if (values.size() == values_of(all, axis).size()) continue;
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", axis, listed(values, "or"));
  }
  return text;
}

}  // namespace

std::vector<OutcomeGroup> outcome_groups(const Cells& cells) {
  std::map<std::string, std::size_t> places;
  std::vector<OutcomeGroup> groups;
  for (const Json* cell : cells) {
    const std::string outcome =
        all_found(*cell) + "|" + mechanisms_text(*cell) + "|" + shown((*cell)["verdict"]);
    const auto [place, is_new] = places.try_emplace(outcome, groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].cells.push_back(cell);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const OutcomeGroup& a, const OutcomeGroup& b) {
    const auto rank = [](const OutcomeGroup& group) {
      return harm_rank(group.cells.front()->value("finding", std::string{}));
    };
    return rank(a) < rank(b);
  });
  const std::vector<std::string> axes = axes_of(cells);
  for (OutcomeGroup& group : groups) group.where = where_text(group.cells, cells, axes);
  return groups;
}

std::vector<ScenarioCells> scenarios_of(const Json& summary) {
  std::vector<ScenarioCells> scenarios;
  for (const Json& cell : summary.at("cells")) {
    const std::string name = scenario_of(cell);
    auto scenario = std::find_if(scenarios.begin(), scenarios.end(),
                                 [&](const ScenarioCells& one) { return one.name == name; });
    if (scenario == scenarios.end()) scenario = scenarios.insert(scenarios.end(), {name, {}});
    scenario->cells.push_back(&cell);
  }
  return scenarios;
}

std::vector<std::string> axes_of(const Cells& cells) {
  std::vector<std::string> names;
  for (const Json* cell : cells) {
    const Json differs = cell->value("differs", Json::object());
    for (const auto& [name, value] : differs.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  // Cells of several scenarios name what they differ in from those of others.
  std::erase_if(
      names, [&](const std::string& name) { return cells.size() > 1 && values_of(cells, name).size() < 2; });
  return names;
}

std::string name_within(const Json& cell, const std::string& scenario) {
  const std::string name = name_of(cell);
  return scenario.empty() ? name : name.substr(std::min(name.size(), scenario.size() + 1));
}

}  // namespace walsoak::report
