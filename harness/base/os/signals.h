// SIGINT and SIGTERM as something to wait for beside other descriptors.
#pragma once

namespace walsoak::os {

// From now on the two signals are noted and no longer end the process. Call once, before anything waits for
// stop_descriptor().
void note_stop_signals();

// The first of SIGINT and SIGTERM that came, or 0.
int stop_signal();

// Readable as soon as one came; -1 before note_stop_signals().
int stop_descriptor();

}  // namespace walsoak::os
