// The descriptor table of another process as the kernel shows it: files, deleted ones, identities, locks.
// Reading it opens none of those files, so that it can neither drop a lock of anybody nor move a checkpoint.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::os {

struct FileLock {
  enum class Kind { posix, ofd, flock };  // ofd: of an open file description, F_OFD_SETLK
  enum class Mode { read, write };

  static constexpr std::uint64_t kToEnd = std::numeric_limits<std::uint64_t>::max();

  Kind kind;
  Mode mode;
  std::uint64_t first;  // bytes, both ends included
  std::uint64_t last;   // kToEnd: to the end of the file, wherever that will be

  bool overlaps(std::uint64_t from, std::uint64_t to) const { return first <= to && from <= last; }
  bool operator==(const FileLock&) const = default;
};

struct OpenDescriptor {
  int fd;
  std::string target;  // the path, without " (deleted)"; for what is no file "pipe:[123]" and the like
  bool deleted;        // that name of the file is gone (its inode may live on under another)
  dev_t dev;
  ino_t ino;
  std::vector<FileLock>
      locks;            // those taken through this descriptor: the kernel shows each at one open file only
  bool regular = true;  // a file, and no folder, device, pipe or socket
  bool locks_known = true;  // false where its fdinfo may not be read: `locks` is empty and means nothing
  bool read_only = false;   // opened so; false, too, where its fdinfo may not be read
  std::uint64_t links = 1;  // names of the file, as stat counts them
};

// Every descriptor of the process, in the kernel's order; one that closes while it is read is left out.
// Nothing where the process is gone, a zombie, or ended while it was read: part of a table is no table.
// Throws std::system_error: EACCES where the process belongs to somebody else.
std::optional<std::vector<OpenDescriptor>> read_descriptor_table(pid_t pid);

// Whether the text of /proc/<pid>/fdinfo/<fd> says that it was opened for reading alone.
bool is_read_only(std::string_view fdinfo);

// The locks in the text of /proc/<pid>/fdinfo/<fd>. Leases and lines of an unknown form are left out.
std::vector<FileLock> parse_locks(std::string_view fdinfo);

}  // namespace walsoak::os
