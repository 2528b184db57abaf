// What a scenario file expects, without its cells: to judge runs that are stored already, by this file or
// another.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "harness/scenario/expectation.h"

namespace walsoak::scenario {

class Judgements {
 public:
  // Of the file's `expect` and `thresholds`; the rest of it is not read. Throws ScenarioError.
  Judgements(const std::filesystem::path& path, const Vocabulary& vocabulary);

  // For a cell with these settings (all of them) that was judged by `stored`, both in the form of to_json:
  // what the file expects of it, or what was stored where it says nothing of such a cell, and the file's
  // thresholds in place of those that were stored.
  nlohmann::ordered_json of(const nlohmann::ordered_json& settings, nlohmann::ordered_json stored) const;

 private:
  bool any_ = false;  // the file says "any"
  std::vector<ExpectationEntry> entries_;
  std::vector<Threshold> thresholds_;
};

}  // namespace walsoak::scenario
