// Carries out a free-running cell: the subject goes by its own clock, and the observer samples it.
#pragma once

#include "harness/base/os/run_folder.h"
#include "harness/lab/session/cell_files.h"
#include "harness/model/cells/scenario.h"

namespace walsoak::lab {

// See run_cell().
void run_free_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);

}  // namespace walsoak::lab
