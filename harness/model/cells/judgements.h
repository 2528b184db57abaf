// What a scenario file expects, without its cells: to judge runs that are stored already, by this file or
// another.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "harness/model/scenario/expectation.h"
#include "harness/model/scenario/threshold.h"

namespace walsoak::scenario {

class Judgements {
 public:
  // Of the file's `expect` and `thresholds`. Throws ScenarioError.
  Judgements(const std::filesystem::path& path, const Vocabulary& vocabulary);

  const std::string& path() const { return file_.source; }

  // Which of a run's scenarios (`scenarios` of run.json) the file describes: its index; nothing where the
  // file has no cells of its own, and so is for any run. Throws ScenarioError where its cells are not those
  // of any of them.
  std::optional<std::size_t> scenario_among(const nlohmann::ordered_json& scenarios) const;

  // Whether the file says anything of a cell with these settings.
  bool speak_of(const nlohmann::ordered_json& settings) const;

  // For a cell with these settings (all of them) that was judged by `stored`, both as Expectation::to_json()
  // writes them: what the file expects of it, or what was stored where it says nothing of such a cell, and
  // the file's thresholds in place of those that were stored.
  nlohmann::ordered_json of(const nlohmann::ordered_json& settings, nlohmann::ordered_json stored) const;

 private:
  Place file_;
  nlohmann::json cells_ = nlohmann::json::object();  // the keys of the file that make cells
  bool any_ = false;                                 // the file says "any"
  std::vector<ExpectationEntry> entries_;
  std::vector<ThresholdEntry> thresholds_;
};

}  // namespace walsoak::scenario
