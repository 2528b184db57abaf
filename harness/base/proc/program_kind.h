// What stands between another process and a tool: its own mount namespace, and a program into which the
// dynamic linker preloads nothing.
#pragma once

#include <sys/types.h>

namespace walsoak::os {

struct ProgramKind {
  bool preloads = true;    // false for a static program and for one that uses musl
  bool own_files = false;  // in a mount namespace of its own, as in a container
};

// Where /proc/<pid> cannot be read, the default of either.
ProgramKind program_kind(pid_t pid);

}  // namespace walsoak::os
