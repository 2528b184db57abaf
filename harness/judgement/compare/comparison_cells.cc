#include "harness/judgement/compare/comparison_cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace walsoak::judgement {
namespace {

using nlohmann::ordered_json;
using Points = std::vector<ComparisonPoint>;

// The one value that all points have for a setting; nothing where they differ, null where none has it.
std::optional<ordered_json> constant(const Points& points, const std::string& setting) {
  std::optional<ordered_json> value;
  for (const ComparisonPoint& point : points) {
    ordered_json own = point.settings().value(setting, ordered_json());
    if (value && *value != own) return std::nullopt;
    value = std::move(own);
  }
  return value;
}

std::set<std::string> settings_of(const Points& points) {
  std::set<std::string> names;
  for (const ComparisonPoint& point : points) {
    for (const auto& [name, value] : point.settings().items()) names.insert(name);
  }
  return names;
}

// What must be equal of two cells that are compared.
std::string key_of(const ComparisonPoint& point, const ordered_json& values,
                   const std::set<std::string>& but) {
  std::map<std::string, ordered_json> kept;
  for (const auto& [name, value] : values.items()) {
    if (!but.contains(name)) kept[name] = value;
  }
  return point.scenario + "\n" + setting_text(ordered_json(kept));
}

template <typename KeyOf>
void pair_by(const Points& baseline, const Points& other, const KeyOf& key, PairedPoints& paired) {
  std::map<std::string, std::vector<const ComparisonPoint*>> waiting;
  for (const ComparisonPoint& point : other) waiting[key(point)].push_back(&point);
  for (const ComparisonPoint& point : baseline) {
    auto& candidates = waiting[key(point)];
    if (candidates.empty()) {
      paired.only_baseline.push_back(point.name);
      continue;
    }
    paired.pairs.emplace_back(point, *candidates.front());
    candidates.erase(candidates.begin());
  }
  for (const ComparisonPoint& point : other) {
    const auto& left = waiting[key(point)];
    if (std::find(left.begin(), left.end(), &point) != left.end()) paired.only_other.push_back(point.name);
  }
}

void add_once(std::vector<std::string>& texts, std::string text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
}

// The settings that all cells of each side agree on, and the sides do not; noted in `paired`.
std::set<std::string> constants_apart(const Points& baseline, const Points& other, PairedPoints& paired) {
  std::set<std::string> apart;
  std::set<std::string> names = settings_of(baseline);
  names.merge(settings_of(other));
  for (const std::string& name : names) {
    const auto from = constant(baseline, name), to = constant(other, name);
    if (!from || !to || *from == *to) continue;
    apart.insert(name);
    if (from->is_null() || to->is_null()) {
      add_once(paired.settings_unknown_to_one, name);
    } else {
      add_once(paired.settings_apart,
               fmt::format("{} ({} | {})", name, setting_text(*from), setting_text(*to)));
    }
  }
  return apart;
}

void keep_only(Points& points, const std::vector<std::string>& names) {
  std::erase_if(points, [&](const ComparisonPoint& point) {
    return std::find(names.begin(), names.end(), point.name) == names.end();
  });
}

// Scenario by scenario, by name; what only words and describes, and what says how often, is left out.
std::map<std::string, ordered_json> scenarios_of(const ordered_json& run) {
  std::map<std::string, ordered_json> contents;
  const ordered_json scenarios = run.value("scenarios", ordered_json::array());
  for (const ordered_json& scenario : scenarios) {
    ordered_json content = scenario.value("content", ordered_json::object());
    if (!content.is_object()) content = {{"text", content}};
    const std::string path = scenario.value("path", std::string{});
    std::string name = content.value("name", path.substr(path.find_last_of('/') + 1));
    for (const char* key : {"$schema", "name", "title", "question", "field", "jobs", "repeat"})
      content.erase(key);
    // One scenario against one: what it is called does not matter.
    if (scenarios.size() == 1) name.clear();
    contents[name] = std::move(content);
  }
  return contents;
}

void add_scenario_differences(const ordered_json& baseline, const ordered_json& other,
                              std::vector<std::string>& differences) {
  const auto from = scenarios_of(baseline), to = scenarios_of(other);
  std::set<std::string> names;
  for (const auto& [name, content] : from) names.insert(name);
  for (const auto& [name, content] : to) names.insert(name);
  for (const std::string& name : names) {
    const std::string of = name.empty() ? "" : " of " + name;
    if (!from.contains(name) || !to.contains(name)) {
      differences.push_back(fmt::format("scenario{} in one run only", name.empty() ? "" : " " + name));
      continue;
    }
    std::set<std::string> keys;
    for (const auto& [key, value] : from.at(name).items()) keys.insert(key);
    for (const auto& [key, value] : to.at(name).items()) keys.insert(key);
    for (const std::string& key : keys) {
      if (from.at(name).value(key, ordered_json()) != to.at(name).value(key, ordered_json())) {
        differences.push_back(fmt::format("`{}` of the scenario{}", key, of));
      }
    }
  }
}

// "SQLite of the subject (3.40.1 | 3.54.1)", each once.
void add_sqlite_differences(const PairedPoints& paired, std::vector<std::string>& differences) {
  for (const auto& [from, to] : paired.pairs) {
    const ordered_json a = from.repeats.front()->value("sqlite", ordered_json::object());
    const ordered_json b = to.repeats.front()->value("sqlite", ordered_json::object());
    for (const auto& [role, version] : a.items()) {
      const ordered_json other = b.value(role, ordered_json());
      // A cell that has not begun names no version.
      if (version.is_null() || other.is_null() || version == other) continue;
      std::string text =
          fmt::format("SQLite of the {} ({} | {})", role, setting_text(version), setting_text(other));
      add_once(differences, std::move(text));
    }
  }
}

std::string cells_text(const std::vector<std::string>& names, const char* where) {
  std::string text =
      fmt::format("{} cell{} of the {} alone (", names.size(), names.size() == 1 ? "" : "s", where);
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 6); ++i)
    text += (i > 0 ? ", " : "") + names[i];
  return text + (names.size() > 6 ? ", ...)" : ")");
}

}  // namespace

std::string setting_text(const ordered_json& value) {
  if (value.is_null()) return "none";
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Points comparison_points(const ordered_json& summary) {
  Points points;
  const ordered_json& cells = summary.at("cells");
  for (const ordered_json& cell : cells) {
    const std::string name = cell.value("point", cell.at("cell").get<std::string>());
    auto found =
        std::find_if(points.begin(), points.end(), [&](const auto& point) { return point.name == name; });
    if (found == points.end()) {
      const std::size_t dot = name.rfind('.');
      found = points.insert(points.end(), {name, dot == std::string::npos ? "" : name.substr(0, dot), {}});
    }
    found->repeats.push_back(&cell);
  }
  return points;
}

PairedPoints pair_runs(const Points& baseline, const Points& other) {
  PairedPoints paired;
  Points left = baseline, other_left = other;
  std::size_t before = 0;
  do {
    before = paired.pairs.size();
    const std::set<std::string> apart = constants_apart(left, other_left, paired);
    paired.only_baseline.clear();
    paired.only_other.clear();
    pair_by(
        left, other_left,
        [&](const ComparisonPoint& point) { return key_of(point, point.settings(), apart); }, paired);
    keep_only(left, paired.only_baseline);
    keep_only(other_left, paired.only_other);
  } while (paired.pairs.size() > before && !left.empty() && !other_left.empty());
  return paired;
}

PairedPoints pair_along(const Points& points, const std::string& axis, const ordered_json& value,
                        const ordered_json& other) {
  const auto having = [&](const ordered_json& wanted) {
    Points found;
    std::copy_if(points.begin(), points.end(), std::back_inserter(found), [&](const ComparisonPoint& point) {
      return point.differs().contains(axis) && point.differs().at(axis) == wanted;
    });
    return found;
  };
  PairedPoints paired;
  pair_by(
      having(value), having(other),
      [&](const ComparisonPoint& point) { return key_of(point, point.differs(), {axis}); }, paired);
  return paired;
}

std::vector<std::string> experiment_differences(const ordered_json& baseline_run,
                                                const ordered_json& other_run, const PairedPoints& paired) {
  std::vector<std::string> differences;
  for (const std::string& setting : paired.settings_apart) differences.push_back("setting " + setting);
  add_sqlite_differences(paired, differences);
  if (!paired.only_baseline.empty()) differences.push_back(cells_text(paired.only_baseline, "baseline"));
  if (!paired.only_other.empty()) differences.push_back(cells_text(paired.only_other, "other run"));
  add_scenario_differences(baseline_run, other_run, differences);
  return differences;
}

std::vector<std::string> machine_differences(const ordered_json& baseline, const ordered_json& other) {
  std::vector<std::string> differences;
  const ordered_json a = baseline.value("environment", ordered_json::object());
  const ordered_json b = other.value("environment", ordered_json::object());
  for (const char* key : {"cpu_model", "cpu_count", "machine", "kernel", "distribution", "file_system",
                          "compiler", "build_type", "sanitizer"}) {
    const ordered_json from = a.value(key, ordered_json()), to = b.value(key, ordered_json());
    if (from != to) {
      differences.push_back(fmt::format("{} ({} | {})", key, setting_text(from), setting_text(to)));
    }
  }
  if (a.value("hostname", ordered_json()) != b.value("hostname", ordered_json()))
    differences.push_back("host");
  const ordered_json libraries = a.value("sqlite", ordered_json::object());
  const ordered_json others = b.value("sqlite", ordered_json::object());
  for (const auto& [version, library] : libraries.items()) {
    if (others.contains(version) && others.at(version) != library) {
      differences.push_back(fmt::format("build of SQLite {}", version));
    }
  }
  return differences;
}

}  // namespace walsoak::judgement
