// What one listing says about one database of a process.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "harness/field/rows/entry.h"

namespace walsoak::watch {

// What is known of the listing as a whole.
struct ListingManner {
  bool whole;          // every descriptor of the process stands in it
  bool shortened;      // lines were left out of it
  bool shows_deleted;  // the system marks deleted files (macOS does not)
  bool shows_locks;    // a lock of the process was shown in that folder, so that none means none
};

// The kernel's keys of a sample, null where the listing cannot tell.
nlohmann::ordered_json board_of(std::span<const Entry> entries, const ListingManner& manner,
                                const std::string& main_path);

// The same of a folder's files: their sizes, and all else null, since no process is shown.
nlohmann::ordered_json board_on_disk(std::span<const Entry> entries, const std::string& main_path);

}  // namespace walsoak::watch
