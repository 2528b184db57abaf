// How long a scenario will take. Lockstep: steps times the cost of a board in each, and the start of each
// cell's processes. Free-running: as long as its clock says.
#include "harness/lab/run/run.h"

#include <algorithm>

namespace walsoak::lab {
namespace {

// Real seconds on 2 cores at 2.1 GHz with boards on ext4, rounded up; measured by `walsoak run
// scenarios/quick.json`.
constexpr double kCellS = 0.3;
constexpr double kPythonStartS = 0.3;
constexpr double kBoardVisitS = 0.001;

}  // namespace

double estimated_seconds(const scenario::Scenario& scenario, std::int64_t jobs, std::int64_t repeat) {
  double seconds = 0, longest = 0;
  for (const scenario::Cell& cell : scenario.cells) {
    const Settings settings = Settings::from_json(cell.settings);
    const double before = seconds;
    if (settings.mode == Mode::free) {
      seconds +=
          kCellS + static_cast<double>(settings.ticks) * settings.tick_interval_s / settings.time_scale;
      longest = std::max(longest, seconds - before);
      continue;
    }
    const auto boards = static_cast<double>(settings.boards);
    // A look at the rows is one from inside and one from outside.
    const double looks = settings.rows_every > 0 ? 2.0 / static_cast<double>(settings.rows_every) : 0;
    const auto visits =
        static_cast<double>(settings.workers) + boards * (3 + static_cast<double>(settings.notifier) + looks);
    seconds += kCellS + (settings.subject == "python" ? kPythonStartS : 0) +
               static_cast<double>(settings.ticks) * visits * kBoardVisitS;
    longest = std::max(longest, seconds - before);
  }
  seconds *= static_cast<double>(repeat);
  return std::max(longest, seconds / static_cast<double>(jobs));
}

}  // namespace walsoak::lab
