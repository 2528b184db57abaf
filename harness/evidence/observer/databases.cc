#include "harness/evidence/observer/databases.h"

#include <algorithm>
#include <array>
#include <utility>

namespace walsoak::observer {
namespace {

using os::FileLock;
using os::OpenDescriptor;

// Pending, reserved and shared bytes of a main file; the lock bytes of a -shm never concern another file.
constexpr std::uint64_t kFirstLockByte = 1073741824;
constexpr std::uint64_t kLastLockByte = 1073742335;

constexpr std::array<std::string_view, 3> kSidecars = {"-wal", "-shm", "-journal"};
constexpr std::array<std::string_view, 8> kExtensions = {".db",      ".db3",  ".sqlite",   ".sqlite2",
                                                         ".sqlite3", ".s3db", ".sqlitedb", ".sqlite-db"};

// Anonymous memory has a name that looks like a path.
bool is_named_file(const OpenDescriptor& descriptor) {
  return descriptor.regular && descriptor.target.starts_with('/') &&
         !descriptor.target.starts_with("/memfd:");
}

// Within those bytes and not merely over them: a lock on a whole file is somebody else's.
bool is_sqlite_lock(const FileLock& lock) {
  return lock.kind != FileLock::Kind::flock && lock.first >= kFirstLockByte && lock.last <= kLastLockByte;
}

std::string directory_of(std::string_view path) {
  return std::string(path.substr(0, path.rfind('/') + 1));
}

// What one table says about the files of one main path.
struct Trail {
  bool main_open = false, locked = false, sidecar = false, wal = false;
  HeldMains files;
};

using Trails = std::map<std::string, Trail>;

Trails trails_of(std::span<const OpenDescriptor> table) {
  Trails trails;
  std::set<std::string> bases;
  for (const OpenDescriptor& descriptor : table) {
    if (!is_named_file(descriptor)) continue;
    if (auto base = main_of_sidecar(descriptor.target)) bases.insert(std::move(*base));
  }
  for (const OpenDescriptor& descriptor : table) {
    if (!is_named_file(descriptor)) continue;
    const auto base = main_of_sidecar(descriptor.target);
    if (base && !bases.contains(descriptor.target)) {
      Trail& trail = trails[*base];
      trail.sidecar = true;
      trail.wal = trail.wal || descriptor.target.ends_with("-wal");
    } else {
      Trail& trail = trails[descriptor.target];
      trail.main_open = true;
      trail.locked =
          trail.locked || std::any_of(descriptor.locks.begin(), descriptor.locks.end(), is_sqlite_lock);
      trail.files.insert({descriptor.dev, descriptor.ino});
    }
  }
  return trails;
}

// Of a folder: a -wal without its main, and a locked main without sidecars; null where there is not just one.
struct Strays {
  const std::string* wal = nullptr;
  const std::string* main = nullptr;
  int wals = 0, mains = 0;
};

std::map<std::string, Strays> strays_of(const Trails& trails) {
  std::map<std::string, Strays> strays;
  for (const auto& [path, trail] : trails) {
    if (trail.wal && !trail.main_open) {
      Strays& here = strays[directory_of(path)];
      here.wal = ++here.wals == 1 ? &path : nullptr;
    } else if (trail.locked && !trail.sidecar) {
      Strays& here = strays[directory_of(path)];
      here.main = ++here.mains == 1 ? &path : nullptr;
    }
  }
  return strays;
}

}  // namespace

std::string_view how_text(How how) {
  return how == How::sidecar ? "sidecar" : how == How::lock ? "lock" : "peek";
}

std::optional<std::string> main_of_sidecar(std::string_view target) {
  for (const std::string_view suffix : kSidecars) {
    if (!target.ends_with(suffix)) continue;
    const std::string_view base = target.substr(0, target.size() - suffix.size());
    if (base.empty() || base.ends_with('/')) return std::nullopt;
    return std::string(base);
  }
  return std::nullopt;
}

std::vector<FoundDatabase> find_databases(std::span<const OpenDescriptor> table) {
  const Trails trails = trails_of(table);
  const auto strays = strays_of(trails);
  std::vector<FoundDatabase> found;
  for (const auto& [path, trail] : trails) {
    if (!trail.sidecar && !trail.locked) continue;
    FoundDatabase database{path, trail.sidecar ? How::sidecar : How::lock};
    const auto here = strays.find(directory_of(path));
    if (here != strays.end() && here->second.wal && here->second.main) {
      if (&path == here->second.main) continue;
      if (&path == here->second.wal) database.held = trails.at(*here->second.main).files;
    }
    found.push_back(std::move(database));
  }
  return found;
}

bool named_like_a_database(std::string_view path) {
  return std::any_of(kExtensions.begin(), kExtensions.end(),
                     [path](std::string_view extension) { return path.ends_with(extension); });
}

bool is_database_header(std::string_view first_bytes) {
  constexpr std::string_view kHeader("SQLite format 3\0", 16);
  return first_bytes.starts_with(kHeader);
}

const std::string& DatabaseNames::of(const std::string& path) {
  const auto [entry, added] = names_.try_emplace(path);
  if (added) entry->second = "db" + std::to_string(names_.size());
  return entry->second;
}

bool Databases::is_known(const OpenDescriptor& descriptor) const {
  if (paths_.contains(descriptor.target)) return true;
  const auto held = held_.find({descriptor.dev, descriptor.ino});
  return held != held_.end() && held->second == directory_of(descriptor.target);
}

bool Databases::is_doubtful(const OpenDescriptor& descriptor) const {
  return is_named_file(descriptor) && named_like_a_database(descriptor.target) && !is_known(descriptor) &&
         !no_databases_.contains({descriptor.dev, descriptor.ino});
}

int Databases::count_doubtful(std::span<const OpenDescriptor> table) const {
  return static_cast<int>(std::count_if(table.begin(), table.end(), [this](const OpenDescriptor& descriptor) {
    return is_doubtful(descriptor);
  }));
}

// A file is looked into until it says what it is: a database is empty until its first write.
void Databases::look_into_doubtful(std::span<const OpenDescriptor> table, std::vector<FoundDatabase>& found) {
  constexpr std::size_t kHeaderBytes = 16;
  for (const OpenDescriptor& descriptor : table) {
    const FileIdentity identity{descriptor.dev, descriptor.ino};
    if (!is_doubtful(descriptor)) continue;
    const std::string bytes = first_bytes_(descriptor.fd);
    if (is_database_header(bytes)) {
      paths_.insert(descriptor.target);
      found.push_back({descriptor.target, How::peek});
    } else if (bytes.size() >= kHeaderBytes) {
      no_databases_.insert(identity);
    }
  }
}

void Databases::follow(std::span<const OpenDescriptor> table) {
  std::map<FileIdentity, std::string> held;
  for (const OpenDescriptor& descriptor : table) {
    if (is_named_file(descriptor) && is_known(descriptor))
      held[{descriptor.dev, descriptor.ino}] = directory_of(descriptor.target);
  }
  held_ = std::move(held);
}

std::vector<FoundDatabase> Databases::look(std::span<const OpenDescriptor> table) {
  std::vector<FoundDatabase> found;
  for (FoundDatabase& database : find_databases(table)) {
    const auto moved = [&](const OpenDescriptor& descriptor) {
      return descriptor.target == database.path && is_known(descriptor);
    };
    // A known main that was moved away shows its locks under the new name.
    if (database.how == How::lock && std::any_of(table.begin(), table.end(), moved)) continue;
    if (!paths_.insert(database.path).second) continue;
    for (const FileIdentity& identity : database.held) held_[identity] = directory_of(database.path);
    found.push_back(std::move(database));
  }
  if (first_bytes_) look_into_doubtful(table, found);
  follow(table);
  return found;
}

}  // namespace walsoak::observer
