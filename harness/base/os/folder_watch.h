// What appears in and vanishes from folders, counted by the kernel (inotify) and not by looking now and then.
// The kernel queues an event before the system call that causes it returns. One thread at a time.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {

struct FolderEvent {
  enum class Kind { created, deleted, moved_from, moved_to };
  Kind kind;
  std::string name;  // of the file, without the folder
  bool operator==(const FolderEvent&) const = default;
};

struct FolderChanges {
  std::map<int, std::vector<FolderEvent>> events;  // by the folder's id, in the kernel's order
  bool overflowed = false;                         // the queue was full: events of any folder are missing
  std::set<int> lost;                              // folders that are gone: nothing more comes from them
};

class FolderWatch {
 public:
  // Non-blocking and close-on-exec. Throws std::system_error (EMFILE: too many watchers of this user).
  FolderWatch();

  // The id of the folder in changes; the same again for a folder already watched. Throws std::system_error
  // naming it.
  int add(const std::filesystem::path& folder);

  // Everything since the last call; never blocks.
  FolderChanges take();

 private:
  Descriptor inotify_;
};

// Adds what a whole read from an inotify descriptor says.
void parse_folder_events(std::span<const std::byte> bytes, FolderChanges& changes);

}  // namespace walsoak::os
