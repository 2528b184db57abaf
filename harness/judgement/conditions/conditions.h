// Which conditions together produce an outcome, over the cells of one run: the answer that a comparison
// gives, with the control beside it - two cells that differ in one value, one with the outcome and one
// without.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"

namespace walsoak::judgement {

struct CellOutcome {
  std::string cell;
  nlohmann::ordered_json settings;  // all of them
  std::string finding;              // what was named first
  std::set<std::string> findings;   // that and those that hold beside it
  std::map<std::string, Presence> mechanisms;
  std::set<std::string> sometimes{};  // findings that some repeats of the point have and others have not
};

// The repeats of a cell as one: outcomes of the same `cell` become one, in the order of the first. A finding
// holds where every repeat has it; a mechanism that repeats disagree on is unknown.
std::vector<CellOutcome> points_of(const std::vector<CellOutcome>& repeats);

// One object for each finding but churn and clean, and each mechanism but sidecar churn, that some cell has:
//   {"outcome","kind":"finding"|"mechanism","cells":[with it],"of":cells that could be told,"exact":bool,
//    "where":[{"axis":[values]}],        any of these; in each all axes together; {} is every cell
//    "alternatives":[{...}],             conjunctions that fit just as well
//    "no_difference":[axes],             cells with it were run with other values of this alone, and all had
//    it "not_varied":[axes],                varied in the run, but never for a cell with it, all else equal
//    "controls":[{"with","without","differs","with_value","without_value"}],
//    "uncontrolled":[axes],              conditions for which no such pair was run
//    "unknown":[cells that cannot be told],"unexplained":[cells]}
nlohmann::ordered_json conditions_of(const std::vector<CellOutcome>& cells);

}  // namespace walsoak::judgement
