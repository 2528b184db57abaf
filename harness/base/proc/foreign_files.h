// The files of another process, as it sees them: in a container or below a root of its own, the same path may
// lead elsewhere from here.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace walsoak::os {

// What to put before a path that the kernel shows for a descriptor of `pid`, so that it leads to the
// process's own file: /proc/<pid>/root; of a process below a root of its own, whose paths the kernel shows
// from the root of its mount namespace, "" where that namespace is ours, else a path up to its root. Only
// looks (stat).
std::string prefix_of(pid_t pid, const std::string& path);

// The root of the mount namespace of a process whose /proc/<pid>/root is `root`: a path of the same form,
// above a root of the process's own.
std::string namespace_root(const std::string& root);

// At most `most` of the first bytes of the file behind a descriptor, read through /proc/<pid>/fd; "" where
// they cannot be read. The process's own offset does not move, and its locks stay: they are another process's
// than ours.
std::string first_bytes(pid_t pid, int fd, std::size_t most);

}  // namespace walsoak::os
