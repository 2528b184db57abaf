// The lock guards of #110544 and #125184: open-file-description read locks on a board's main file, and on its
// -shm. One belongs to its descriptor, so that no other descriptor's close takes it away, and while it is
// there no other process gets the exclusive lock that a last close needs to unlink the sidecars.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "harness/base/os/descriptor.h"

namespace walsoak::board {

// Of one process. Thread-safe. Guards stay until the end, even of a board that was replaced: closing one
// would drop every POSIX lock of the process on that file, which is what it guards against.
class LockGuards {
 public:
  struct Range {
    std::int64_t first, size;  // bytes
  };
  // SQLite's SHARED_FIRST and SHARED_SIZE (os.h): the pending byte is 0x40000000, the reserved byte the next.
  static constexpr Range kSharedRange{0x40000000 + 2, 510};
  // UNIX_SHM_DMS (os_unix.c): the byte of the -shm that each process read-locks while it has the -shm mapped.
  static constexpr Range kShmDms{128, 1};

  // Locks the file at `path` once per inode; each path is used with one range. Throws AppError if the lock
  // cannot be acquired.
  void take(const std::string& path, Range range);
  // Descriptors held for that path.
  int held(const std::string& path) const;

 private:
  using File = std::pair<std::uint64_t, std::uint64_t>;  // device and inode

  struct Guard {
    os::Descriptor descriptor;
    bool locked = false;
  };

  mutable std::mutex mutex_;
  std::map<std::string, std::map<File, Guard>> guards_;
};

}  // namespace walsoak::board
