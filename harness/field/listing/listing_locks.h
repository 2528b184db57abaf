// Locks that were pasted beside a listing of descriptors: /proc/locks, and the lines of /proc/<pid>/fdinfo,
// which lack the names of files and are joined with them by inode or by descriptor.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/field/rows/entry.h"

namespace walsoak::watch {

class PastedLocks {
 public:
  // Whether the line is one of a table of locks or of fdinfo.
  bool accept(std::string_view line);

  // Gives the entries of one look their locks, and those without an inode the one that fdinfo shows. The
  // table counts as whole for a process of which it shows a lock on one of SQLite's files: entries of that
  // folder without one then have none.
  void join(std::vector<Entry>& entries) const;

 private:
  struct Lock {
    std::int64_t pid;
    ino_t inode;
    std::int64_t first, last;
  };

  bool accept_lock(std::string_view line);
  bool holds(const Entry& entry) const;

  std::vector<Lock> locks_;
  std::optional<std::pair<std::int64_t, std::string>> file_;  // pid and descriptor of fdinfo, of a heading
  std::map<std::pair<std::int64_t, std::string>, ino_t> inodes_;
};

}  // namespace walsoak::watch
