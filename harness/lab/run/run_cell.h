// Carries out one cell, in lockstep or free-running as its settings say, and writes all of it to its stream.
#pragma once

#include "harness/base/os/run_folder.h"
#include "harness/lab/session/cell_files.h"
#include "harness/model/cells/scenario.h"

namespace walsoak::lab {

// Runs the cell in `folder`, from its first line to its end line. Throws Failed, Refused, Stopped or
// std::system_error; the stream then has no end line, and every process of the cell has ended. Several cells
// may run at a time, each on a thread of its own.
void run_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);

}  // namespace walsoak::lab
