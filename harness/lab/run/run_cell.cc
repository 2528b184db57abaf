#include "harness/lab/run/run_cell.h"

#include "harness/lab/free/free_cell.h"
#include "harness/lab/lockstep/lockstep_cell.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::lab {

void run_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener) {
  const bool free_running = Settings::from_json(cell.settings).mode == Mode::free;
  (free_running ? run_free_cell : run_lockstep_cell)(cell, folder, listener);
}

}  // namespace walsoak::lab
