// Which cells of two runs belong together, and in what else than the build the runs differ. Pure functions on
// summary.json and run.json.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace walsoak::judgement {

// A cell and its repeats.
struct ComparisonPoint {
  std::string name;      // of the first repeat
  std::string scenario;  // where several made the run: the name in front of the cells'; else ""
  std::vector<const nlohmann::ordered_json*> repeats;  // cells of the summary, which the caller keeps

  const nlohmann::ordered_json& settings() const { return repeats.front()->at("settings"); }
  const nlohmann::ordered_json& differs() const { return repeats.front()->at("differs"); }
};

// A value as people type it; "none" for null.
std::string setting_text(const nlohmann::ordered_json& value);

std::vector<ComparisonPoint> comparison_points(const nlohmann::ordered_json& summary);

struct PairedPoints {
  std::vector<std::pair<ComparisonPoint, ComparisonPoint>> pairs;  // baseline first, in its order
  std::vector<std::string> only_baseline, only_other;              // names of cells that have no partner
  // "strategy (persistent | unclosed)": each one value all over the one run, or what is left of it, and
  // another in the other; these pair cells all the same.
  std::vector<std::string> settings_apart;
  // Settings that one of two builds does not have.
  std::vector<std::string> settings_unknown_to_one;
};

// Cells pair where all their settings are equal, but for those that are one value all over either run; of the
// cells that are left then, but for those that are one value all over what is left, and so on.
PairedPoints pair_runs(const std::vector<ComparisonPoint>& baseline,
                       const std::vector<ComparisonPoint>& other);

// Cells of one run that have `value` for the setting with those that have `other`, where the rest of what
// differs in their scenario is equal.
PairedPoints pair_along(const std::vector<ComparisonPoint>& points, const std::string& axis,
                        const nlohmann::ordered_json& value, const nlohmann::ordered_json& other);

// What makes two runs different experiments, a text each: keys of the scenarios, as far as they decide what
// is run or judged, settings, cells, versions of SQLite.
std::vector<std::string> experiment_differences(const nlohmann::ordered_json& baseline_run,
                                                const nlohmann::ordered_json& other_run,
                                                const PairedPoints& paired);

// What makes times and sizes incomparable: machine, kernel, file system, compiler, build of SQLite.
std::vector<std::string> machine_differences(const nlohmann::ordered_json& baseline_summary,
                                             const nlohmann::ordered_json& other_summary);

}  // namespace walsoak::judgement
