// Carries out a cell in lockstep: one step at a time, in the order that the conductor draws.
#pragma once

#include "harness/base/os/run_folder.h"
#include "harness/lab/session/cell_files.h"
#include "harness/model/cells/scenario.h"

namespace walsoak::lab {

// See run_cell().
void run_lockstep_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);

}  // namespace walsoak::lab
