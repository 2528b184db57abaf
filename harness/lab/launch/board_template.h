// A user's own kanban.db as the template of boards: looked at and copied by bytes, so that nothing happens
// where it lies. It is opened for reading alone, never by SQLite, never locked, and nothing is made in its
// folder. Closing a descriptor drops the POSIX locks of the *same process* on that file; walsoak itself links
// no SQLite and holds none, so that nobody's lock can be dropped by a copy.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "harness/base/os/run_folder.h"

namespace walsoak::lab {

// That the file can be read and begins as a SQLite file. `named_by` is what an error begins with: the
// scenario that names the template. Throws Refused.
void check_board_template(const std::filesystem::path& source, const std::string& named_by);

// Where in its run folder a run keeps its copy of a template; the same for the same source in one process.
std::filesystem::path template_snapshot(const std::string& source);

// What happens between the looks and the reading of an attempt; tests put a writer there.
struct SnapshotHooks {
  std::function<void(int attempt)> settle;  // after the first look: waits longer than the tick of file times
  std::function<void(int attempt)> after_reading;  // before the second look; may be empty
};
SnapshotHooks real_hooks();

inline constexpr int kSnapshotAttempts = 10;

// Copies main file, -wal and -journal to `target` in the run folder, all as they were at one moment: an
// attempt counts only where inode, size and time of modification of each are the same before and after.
// Throws Failed, with advice, where every attempt met a writer.
void snapshot_template(const std::filesystem::path& source, const os::RunFolder& folder,
                       const std::filesystem::path& target, const SnapshotHooks& hooks = real_hooks());

// Copies a board's files that nobody writes to, both places in the run folder.
void copy_snapshot(const os::RunFolder& folder, const std::filesystem::path& snapshot,
                   const std::filesystem::path& target);

}  // namespace walsoak::lab
