// From the facts of cells and what was expected of them to summary.json (docs/record.md): all that tables and
// reports need, with the verdicts of the run, its exit code and the conditions of its outcomes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/evidence/facts/facts.h"
#include "harness/judgement/conditions/conditions.h"
#include "harness/judgement/verdict/verdict.h"
#include "harness/model/vocabulary/expectation.h"

namespace walsoak::judgement {

// What the run knows of a cell before it has run.
struct CellIdentity {
  std::string cell;
  nlohmann::ordered_json settings;    // all
  nlohmann::ordered_json differs;     // those in which the run's cells differ
  nlohmann::ordered_json control_of;  // null: no control
  std::string state = "pending";      // pending, running, done, interrupted, failed
  std::string point{};                // the cell that this one repeats, itself where it is the first; else ""
  std::int64_t repeat = 0;            // 1, 2, ...; 0 where the run repeats nothing
};

// Adds `point` and `repeat` to the JSON of a cell, where it is one of several repeats.
void note_repeat(const CellIdentity& identity, nlohmann::ordered_json& cell);

// A cell, concluded: as summary.json has it (`verdict` and `reasons` before controls), and as comparisons
// need it.
struct CellSummary {
  nlohmann::ordered_json json;
  CellVerdict verdict;
  CellOutcome outcome;
};

// Of a cell whose stream was read to wherever it went. One that is not `done` is unknown.
CellSummary conclude(const CellIdentity& identity, const facts::CellFacts& facts,
                     const Expectation& expectation);
// Of a cell that has not begun.
CellSummary not_run(const CellIdentity& identity, const Expectation& expectation);

struct RunIdentity {
  std::string walsoak;  // version
  std::string run;      // the folder's name
  std::string title, question;
  std::string state;  // running, done, interrupted, failed
  std::vector<std::string> command;
  nlohmann::ordered_json environment;
  std::vector<std::string> axes;
  std::int64_t jobs = 1;             // cells side by side
  nlohmann::ordered_json repeats{};  // {"seed", "order"} where cells were repeated; else null
};

// The whole summary but `schema_version`, which its writer adds. `exit_code` is that of the verdicts; a run
// that was interrupted or failed has its own, which the caller sets.
nlohmann::ordered_json summarise(const RunIdentity& run, std::vector<CellSummary> cells);

}  // namespace walsoak::judgement
