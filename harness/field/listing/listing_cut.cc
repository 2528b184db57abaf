#include "harness/field/listing/listing_cut.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>

#include "harness/evidence/observer/databases.h"

namespace walsoak::watch {
namespace {

constexpr std::array<std::string_view, 3> kSidecars = {"-wal", "-shm", "-journal"};

// A terminal that is narrower hardly shows the columns before the name.
constexpr std::size_t kNarrowest = 40;

bool complete_deleted(Entry& entry) {
  constexpr std::string_view kDeleted = " (deleted)";
  for (std::size_t kept = kDeleted.size() - 1; kept >= 2; --kept) {
    if (!entry.path.ends_with(kDeleted.substr(0, kept))) continue;
    entry.path.erase(entry.path.size() - kept);
    entry.deleted = true;
    return true;
  }
  return false;
}

// "/x/k.db-w" to "/x/k.db-wal" where /x/k.db is a main or named like one; "/x/k.db-" stays open.
bool complete_sidecar(Entry& entry, const std::set<std::string>& names) {
  const std::size_t dash = entry.path.rfind('-');
  if (dash == std::string::npos || observer::main_of_sidecar(entry.path)) return false;
  const std::string base = entry.path.substr(0, dash);
  if (!names.contains(base) && !observer::named_like_a_database(base)) return false;
  const std::string_view end = std::string_view(entry.path).substr(dash);
  for (const std::string_view sidecar : kSidecars) {
    if (!sidecar.starts_with(end)) continue;
    if (end.size() == 1) {
      entry.path = base;
      entry.uncertain = true;
    } else {
      entry.path = base + std::string(sidecar);
    }
    return true;
  }
  return false;
}

}  // namespace

bool restore_cut_names(std::span<Entry> entries) {
  std::size_t width = 0;
  std::set<std::string> names;
  for (const Entry& entry : entries) {
    width = std::max(width, entry.width);
    names.insert(entry.path);
  }
  if (width < kNarrowest) return false;
  bool cut = false;
  std::map<std::string, std::set<ino_t>> files;
  for (Entry& entry : entries) {
    if (entry.width != width) continue;
    if (entry.inode) files[entry.path].insert(*entry.inode);
    if (complete_deleted(entry) || complete_sidecar(entry, names)) {
      entry.deleted_uncertain = !entry.deleted;
      cut = true;
    }
  }
  // A main, its -wal and its -shm, cut off right behind the main's name.
  for (const auto& [path, inodes] : files) cut = cut || inodes.size() >= 3;
  if (!cut) return false;
  for (Entry& entry : entries) {
    if (entry.width != width) continue;
    entry.deleted_uncertain = !entry.deleted;
    entry.uncertain = entry.uncertain || (!entry.deleted && !observer::main_of_sidecar(entry.path));
  }
  return true;
}

}  // namespace walsoak::watch
