// Findings, mechanisms and metrics against what was expected: pass, fail or unknown, always with the reason.
#pragma once

#include <string>
#include <vector>

#include "harness/judgement/finding/finding.h"
#include "harness/judgement/finding/metrics.h"
#include "harness/judgement/mechanism/mechanisms.h"
#include "harness/judgement/verdict/threshold.h"
#include "harness/model/vocabulary/expectation.h"
#include "harness/model/vocabulary/findings.h"

namespace walsoak::judgement {

struct Verdict {
  std::string verdict = kUnknown;    // pass, fail, unknown
  std::vector<std::string> reasons;  // what was expected and what was seen instead; empty for pass
};

// The verdict of one cell. What is known to be wrong fails it; what cannot be told makes it unknown. An
// interrupted cell (`interrupted` says why, or is empty) is unknown whatever was expected, but for deaths.
// `deaths` names those that were not ordered, or is empty: they make the cell unknown, unless a condition or
// a threshold on the metric unordered_deaths says how many there may be.
Verdict judge(const Expectation& expectation, const Finding& finding,
              const std::vector<Mechanism>& mechanisms, const Metrics& metrics,
              const std::string& interrupted, const std::string& deaths = {});

struct CellVerdict {
  std::string cell;
  bool control = false;
  Verdict verdict;
};

// Where a control did not pass, nothing of its run is shown: every other verdict becomes unknown. A control
// that did not pass keeps its own, to say what went wrong. Returns why; empty where all controls passed.
std::string apply_controls(std::vector<CellVerdict>& cells);
// Whether that left the cell its own verdict.
bool is_failed_control(const CellVerdict& cell);

// Of cells whose controls have been applied: unknown before fail before pass, and the exit code 2, 1, 0. No
// cells: unknown.
std::string run_verdict(const std::vector<CellVerdict>& cells);
int exit_code(const std::vector<CellVerdict>& cells);

}  // namespace walsoak::judgement
