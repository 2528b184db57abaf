// How long a scenario will take: steps times the cost of a board in each, and the start of each cell's
// processes.
#include "harness/run/run.h"

namespace walsoak::run {
namespace {

// Real seconds on 2 cores at 2.1 GHz with boards on ext4, rounded up; measured by `walsoak run
// scenarios/quick.json`.
constexpr double kCellS = 0.3;
constexpr double kPythonStartS = 0.3;
constexpr double kBoardVisitS = 0.001;

}  // namespace

double estimated_seconds(const scenario::Scenario& scenario) {
  double seconds = 0;
  for (const scenario::Cell& cell : scenario.cells) {
    const Settings settings = Settings::from_json(cell.settings);
    const auto boards = static_cast<double>(settings.boards);
    const auto visits =
        static_cast<double>(settings.workers) + boards * (3 + static_cast<double>(settings.notifier));
    seconds += kCellS + (settings.subject == "python" ? kPythonStartS : 0) +
               static_cast<double>(settings.ticks) * visits * kBoardVisitS;
  }
  return seconds;
}

}  // namespace walsoak::run
