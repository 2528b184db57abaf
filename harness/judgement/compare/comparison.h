// Runs compared: the cells of several runs with those of the first, or the cells of one run along a setting.
// The result is JSON (schemas/compare.schema.json), from which tables are made.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace walsoak::judgement {

// Runs that are not to be compared, in one line: other experiments, or what has nothing to pair.
class Incomparable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ComparedRun {
  nlohmann::ordered_json summary;  // summary.json
  nlohmann::ordered_json run;      // run.json
};

struct ComparisonOptions {
  double tolerance = 0.1;  // a share of the baseline: what a time or a free-running count may differ by
  bool allow_different = false;
  std::vector<std::string> metrics;  // those alone; empty: all that have a direction
};

// At least two runs, which are called A, B, C, ...; the first is the baseline of each other one.
nlohmann::ordered_json compare_runs(const std::vector<ComparedRun>& runs, const ComparisonOptions& options);

// The cells of one run that have the baseline's value of the setting - as text; the first that its cells have
// where none is named - with those that have each other value, all else equal.
nlohmann::ordered_json compare_along(const ComparedRun& run, const std::string& axis,
                                     const std::optional<std::string>& baseline,
                                     const ComparisonOptions& options);

}  // namespace walsoak::judgement
