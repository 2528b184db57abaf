// A run: scenarios into cells, cells into streams, streams into a summary, in one folder.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/escape/progress.h"
#include "harness/model/cells/scenario.h"

namespace walsoak::lab {

struct Plan {
  std::vector<scenario::Scenario> scenarios;  // at least one; their cells go into one run
  std::optional<std::filesystem::path> out;   // else walsoak-runs/<scenario>-<UTC time>
  std::int64_t jobs = 0;                      // cells side by side; 0: what the scenarios say
  std::int64_t repeat = 0;                    // how often each cell; 0: what the scenarios say
  bool allow_exec = false;                    // run the commands and modules that the scenarios name
  bool keep = false;                          // keep boards and logs of cells that passed
  escape::Progress::Style progress;
  std::vector<std::string> command;  // as it was typed
};

struct Result {
  std::filesystem::path folder;
  nlohmann::ordered_json summary;
  int exit_code = 0;
  std::string failure;              // why the run ended early, in one line; empty where it did not
  std::vector<std::string> deaths;  // by which single cells ended early, one line each
};

// Names that scenarios may use, asked of the subject program. Throws Failed.
scenario::Vocabulary vocabulary();

// Checks that everything the plan needs is there: the first step of carry_out, and all of --dry-run. Throws
// Refused; nothing has been started or written then.
void check_prerequisites(const Plan& plan);

// Runs the plan. Throws Refused before anything was started; what goes wrong later is in the result, with the
// summary as far as the run came.
Result carry_out(const Plan& plan);

// About how many real seconds the cells will take; estimate.cc says from which measurement.
// `jobs` cells run side by side, each `repeat` times.
double estimated_seconds(const scenario::Scenario& scenario, std::int64_t jobs, std::int64_t repeat);

}  // namespace walsoak::lab
