// How often each board's `-wal` and `-shm` came and went between two looks, whoever's doing it was: SQLite
// unlinks the -shm behind its VFS, and a step may create and unlink both between two samples. One thread at a
// time.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/os/folder_watch.h"
#include "harness/evidence/observer/kernel_ledger.h"

namespace walsoak::observer {

struct SidecarChanges {
  int wal_created = 0, wal_unlinked = 0, shm_created = 0, shm_unlinked = 0;
  bool any() const { return *this != SidecarChanges{}; }
  void add(const SidecarChanges& later);
  nlohmann::ordered_json to_json() const;
  bool operator==(const SidecarChanges&) const = default;
};

// By board name; nothing where it is not known (the kernel's queue overflowed, or the board's folder is
// gone).
using SidecarCounts = std::map<std::string, std::optional<SidecarChanges>>;

struct WatchedBoard {
  std::string name;
  int folder;             // the id of its folder in the changes
  std::string main_name;  // of the main file, without the folder
};

// A rename counts as an unlink under the old name and a creation under the new one. A pure function.
SidecarCounts count_sidecars(const std::vector<WatchedBoard>& boards, const os::FolderChanges& changes);

class SidecarWatch {
 public:
  // Starts counting now. The boards' folders must exist; throws std::system_error naming one that cannot be
  // watched.
  explicit SidecarWatch(const std::vector<BoardFiles>& boards);

  // The changes of every board since the last call. Everything that was done before the call is in it.
  SidecarCounts take();

 private:
  os::FolderWatch watch_;
  std::vector<WatchedBoard> boards_;
  std::set<int> lost_;  // folders gone for good
};

}  // namespace walsoak::observer
