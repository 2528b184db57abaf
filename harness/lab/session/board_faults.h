// Faults that happen to a board's files: corrupted, or replaced by an earlier state. Bytes only, no SQLite,
// and through the run folder's door, so that no file outside one can be meant.
#pragma once

#include <filesystem>
#include <string>

#include "harness/base/os/run_folder.h"
#include "harness/evidence/observer/kernel_ledger.h"

namespace walsoak::lab {

class BoardFaults {
 public:
  // `backups` lies in the folder.
  BoardFaults(const os::RunFolder& folder, std::filesystem::path backups);

  // Keeps the board's main file as it is now; nobody may be writing to it, and it must need no -wal.
  void back_up(const observer::BoardFiles& board) const;
  // Puts the kept file over the board's path: "rename" gives the path another inode, "in-place" writes into
  // the one there. `remove_sidecars`: the -wal and -shm at the path are unlinked first. Throws
  // std::system_error.
  void replace(const observer::BoardFiles& board, const std::string& how, bool remove_sidecars) const;
  // Overwrites the "header" (16 bytes) or the second "page" with bytes that are none of SQLite's. Throws
  // std::system_error, as all of these do, and std::runtime_error for a board outside the folder.
  void corrupt(const observer::BoardFiles& board, const std::string& how) const;
  // How many processes have the main file or a sidecar open, under its name or after that was deleted. A
  // process that may not be looked at counts as one that has not.
  std::int64_t holders(const observer::BoardFiles& board) const;
  // Truncates the board's -shm to nothing; false where there is none.
  bool cut_shm(const observer::BoardFiles& board) const;
  // Takes the flock beside the board; the close of the descriptor ends it. Waits where it is held.
  os::Descriptor hold_flock(const observer::BoardFiles& board) const;

  // Where back_up() leaves its copy.
  std::filesystem::path backup_of(const observer::BoardFiles& board) const;

 private:
  const os::RunFolder& folder_;
  const std::filesystem::path backups_;
};

}  // namespace walsoak::lab
