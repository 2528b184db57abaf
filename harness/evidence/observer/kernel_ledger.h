// The kernel ledger: what the kernel says about a subject's descriptors, locks and board files, read from
// outside. Nothing here opens a board's file, not even for reading: the observer must not be a suspect in its
// own experiment.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/proc/descriptor_table.h"
#include "harness/base/proc/process_status.h"

namespace walsoak::observer {

struct BoardFiles {
  std::string name;
  std::string main_path;  // absolute, links resolved: as the kernel shows it
  // Put before the paths where files are looked at: /proc/<pid>/root for a process in another mount
  // namespace.
  std::string root = {};
};

struct FileIdentity {
  dev_t dev;
  ino_t ino;
  auto operator<=>(const FileIdentity&) const = default;
};

struct FileFacts {
  FileIdentity identity;
  std::uint64_t bytes;
  std::int64_t modified_us = 0;  // since 1970
};

// The files at the board's paths; nothing where there is none.
struct FolderFacts {
  std::optional<FileFacts> main, wal, shm, journal = {};
};

// Counts of descriptors, deleted files included, and of locks. Names are those of the record's sample.
struct DescriptorCounts {
  int main = 0, wal = 0, shm = 0, journal = 0;
  int main_deleted = 0, wal_deleted = 0, shm_deleted = 0;
  int main_replaced = 0;  // not deleted, but another file than the one at the path now
  int lock_main_posix = 0, lock_main_ofd = 0, lock_shm_dms = 0;
  bool locks_known = true;  // false where one of the board's descriptors does not show its locks
  bool operator==(const DescriptorCounts&) const = default;
};

// What a watched process has besides. Locks of transactions come and go, so that this is no part of the
// counts by which two looks are the same. A process has one lock of each kind on a file, however many
// connections share it.
struct WatchedCounts {
  // -shm byte 120; with a rollback journal the reserved byte of the main, unless it is locked exclusively.
  int lock_writer = 0;
  int lock_reader = 0;           // -shm bytes 123 to 127; with a rollback journal a shared lock on the main
  int lock_exclusive = 0;        // with a rollback journal: the main's shared range is locked for writing
  int lock_shm_dms_deleted = 0;  // of lock_shm_dms, on a deleted -shm
  int main_readonly = 0, shm_readonly = 0;  // opened for reading alone
  int main_links = 0;                       // names of the main file that is held; 0 where none is
};

// What a table says about one board.
struct BoardDescriptors {
  DescriptorCounts counts;
  WatchedCounts watched;
  std::set<FileIdentity> mains;  // the files that main descriptors stand for
};

// Files are known by their path, which the kernel keeps for deleted ones. A main that was renamed away shows
// its new name: it is known by its identity if it is in `held_mains` (the `mains` of the last look: a file
// that is held keeps its inode number) and still in the board's folder. A pure function.
BoardDescriptors classify(const BoardFiles& board, const std::optional<FileFacts>& main_now,
                          const std::set<FileIdentity>& held_mains,
                          std::span<const os::OpenDescriptor> table);

// By stat only: the files, and whether <main>.lock is a folder.
bool has_lock_folder(const BoardFiles& board);
FolderFacts read_folder_facts(const BoardFiles& board);

// Other names of a main file; nothing where unknown.
struct MainNames {
  std::optional<int> mounts, holders;  // harness/base/proc/file_names.h
  bool lock_folder = false;            // a folder <main>.lock is there: the lock of SQLite's unix-dotfile VFS
};

struct BoardKernel {
  std::optional<DescriptorCounts> counts;  // nothing where the table could not be read
  WatchedCounts watched;
  FolderFacts folder;
  // The kernel's keys of a board in a sample, in the record's order; null for what is not known.
  nlohmann::ordered_json to_json() const;
  // Further keys, of a watched process.
  nlohmann::ordered_json watched_json(const MainNames& names) const;
};

// Descriptors on a main file that stands under another name than the board's, moved away before the first
// look, and are so known by identity.
using HeldMains = std::set<FileIdentity>;

// The ledger of one process over time. One thread at a time; memory grows with the boards and held files
// only.
class KernelLedger {
 public:
  // Resolves links in the boards' paths.
  explicit KernelLedger(std::vector<BoardFiles> boards);

  // One more board, whose path is as the kernel shows it: nothing is resolved. `held` are files that are its
  // main.
  void add(BoardFiles board, HeldMains held = {});

  const std::vector<BoardFiles>& boards() const { return boards_; }

  // One look, by board name. `table` is nothing where the process is gone or may not be looked at.
  std::map<std::string, BoardKernel> look(const std::optional<std::vector<os::OpenDescriptor>>& table);

 private:
  std::vector<BoardFiles> boards_;
  std::map<std::string, std::set<FileIdentity>> held_mains_;
};

// The sample's `process`: descriptors, descriptor_limit, threads, rss_bytes; null for what is not known.
nlohmann::ordered_json process_json(const std::optional<std::vector<os::OpenDescriptor>>& table,
                                    const std::optional<os::ProcessStatus>& status);

}  // namespace walsoak::observer
