// walsoak-watch: the commands for a process that walsoak did not start, as one static program without SQLite
// or Python: it can be copied to the machine where that process runs.
#include "harness/cli/program.h"

int main(int argc, char** argv) {
  return walsoak::cli::run_program("walsoak-watch",
                                   "walsoak-watch: what does a running process do to its SQLite databases' "
                                   "descriptors, locks and sidecars?",
                                   walsoak::cli::field_commands(), argc, argv);
}
