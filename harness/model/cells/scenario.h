// Reads a scenario file: text becomes checked values, and values become the cells of a run, each complete and
// with what is expected of it. Nothing is started here; every error is a ScenarioError of one line.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/scenario/assignments.h"
#include "harness/model/scenario/expectation.h"
#include "harness/model/scenario/overrides.h"
#include "harness/model/scenario/scenario_error.h"

namespace walsoak::scenario {

// One value for every setting.
struct Cell {
  std::string id;                         // "c01", "c02", ...
  nlohmann::ordered_json settings;        // all of settings_table(), in its order
  nlohmann::ordered_json differs;         // the values of the scenario's axes
  std::optional<std::string> control_of;  // the first cell whose control this is
  std::vector<std::string> controls;    // the cells that differ from this one in one value, as `control` says
  std::optional<Expectation> expected;  // none where the scenario says "any"
};

inline constexpr std::int64_t kMostRepeats = 1000;

struct Scenario {
  std::string name;
  std::string title;  // the name where the file has none
  std::string question;
  std::filesystem::path path;
  nlohmann::ordered_json verbatim;
  std::vector<Cell> cells;        // at least one
  std::int64_t jobs = 1;          // cells side by side
  std::int64_t repeat = 1;        // how often each cell is carried out
  bool has_expectations = false;  // a list under `expect`
  bool expect_any = false;
  std::vector<std::string>
      axes;  // the settings whose values differ between cells, in the order of settings_table()
};

// The file is checked as it stands before the overrides are laid over it. With overrides a `when` may match
// no cell, as they can take an axis away; each cell must still be matched. Where a fix is laid over them, the
// file's expectations, which are of the condition without it, give way to clean or churn. Throws
// ScenarioError.
Scenario load_scenario(const std::filesystem::path& path, const Vocabulary& vocabulary,
                       const Overrides& overrides = {}, const std::filesystem::path& default_folder = {});

}  // namespace walsoak::scenario
