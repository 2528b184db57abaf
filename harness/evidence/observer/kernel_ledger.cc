#include "harness/evidence/observer/kernel_ledger.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

namespace walsoak::observer {
namespace {

using os::FileLock;
using os::OpenDescriptor;
using Json = nlohmann::ordered_json;

// Where SQLite's unix VFS locks: the shared range of the main file, and the "deadman switch" byte of the
// -shm.
constexpr std::uint64_t kSharedFirst = 1073741826;
constexpr std::uint64_t kSharedLast = 1073742335;
constexpr std::uint64_t kDeadmanSwitch = 128;
// Where transactions lock (https://www.sqlite.org/walformat.html, lockingv3.html).
constexpr std::uint64_t kReserved = 1073741825;
constexpr std::uint64_t kWalWriter = 120;
constexpr std::uint64_t kWalReadersFirst = 123, kWalReadersLast = 127;

enum class Role { none, main, wal, shm, journal };

Role role_by_path(std::string_view target, std::string_view main_path) {
  if (!target.starts_with(main_path)) return Role::none;
  const std::string_view suffix = target.substr(main_path.size());
  if (suffix.empty()) return Role::main;
  if (suffix == "-wal") return Role::wal;
  if (suffix == "-shm") return Role::shm;
  if (suffix == "-journal") return Role::journal;
  return Role::none;
}

std::string_view folder_of(std::string_view path) {
  return path.substr(0, path.rfind('/'));
}

// A sidecar, of this board or of a neighbour in the same folder, may have got the inode number of a main that
// is gone.
bool named_like_a_sidecar(std::string_view target) {
  return target.ends_with("-wal") || target.ends_with("-shm") || target.ends_with("-journal");
}

// One that is still at the board's path has not moved: the descriptor is on a second name of it.
bool is_main_moved_away(const OpenDescriptor& descriptor, const BoardFiles& board,
                        const std::optional<FileFacts>& main_now, const std::set<FileIdentity>& held_mains) {
  const FileIdentity identity{descriptor.dev, descriptor.ino};
  return held_mains.contains(identity) && !(main_now && main_now->identity == identity) &&
         folder_of(descriptor.target) == folder_of(board.main_path) &&
         !named_like_a_sidecar(descriptor.target);
}

int locks_on(const OpenDescriptor& descriptor, FileLock::Kind kind, std::uint64_t first, std::uint64_t last) {
  return static_cast<int>(
      std::count_if(descriptor.locks.begin(), descriptor.locks.end(),
                    [&](const FileLock& lock) { return lock.kind == kind && lock.overlaps(first, last); }));
}

bool has_lock(const OpenDescriptor& descriptor, FileLock::Mode mode, std::uint64_t first,
              std::uint64_t last) {
  return std::any_of(descriptor.locks.begin(), descriptor.locks.end(), [&](const FileLock& lock) {
    return lock.kind != FileLock::Kind::flock && lock.mode == mode && lock.overlaps(first, last);
  });
}

// What a main's locks say of transactions where there is no -wal. Exclusively locked it tells nothing:
// locking_mode=EXCLUSIVE keeps that lock between transactions.
void add_rollback_locks(const OpenDescriptor& main, WatchedCounts& watched) {
  constexpr auto kRead = FileLock::Mode::read, kWrite = FileLock::Mode::write;
  if (has_lock(main, kWrite, kSharedFirst, kSharedLast)) {
    watched.lock_exclusive = 1;
    return;
  }
  watched.lock_writer += has_lock(main, kWrite, kReserved, kReserved);
  watched.lock_reader += has_lock(main, kRead, kSharedFirst, kSharedLast);
}

std::optional<FileFacts> facts_of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  return FileFacts{{file.st_dev, file.st_ino},
                   static_cast<std::uint64_t>(file.st_size),
                   file.st_mtim.tv_sec * std::int64_t{1000000} + file.st_mtim.tv_nsec / 1000};
}

void add_file(Json& json, const std::string& prefix, const std::optional<FileFacts>& file) {
  json[prefix + "_bytes"] = file ? Json(file->bytes) : Json();
  json[prefix + "_inode"] = file ? Json(file->identity.ino) : Json();
}

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

// Locks of connections in WAL mode, on one -shm.
void add_index_locks(const OpenDescriptor& shm, DescriptorCounts& counts, WatchedCounts& watched) {
  const int dms = locks_on(shm, FileLock::Kind::posix, kDeadmanSwitch, kDeadmanSwitch) +
                  locks_on(shm, FileLock::Kind::ofd, kDeadmanSwitch, kDeadmanSwitch);
  counts.lock_shm_dms += dms;
  if (shm.deleted) watched.lock_shm_dms_deleted += dms;
  watched.lock_writer += has_lock(shm, FileLock::Mode::write, kWalWriter, kWalWriter);
  watched.lock_reader += has_lock(shm, FileLock::Mode::read, kWalReadersFirst, kWalReadersLast);
}

}  // namespace

BoardDescriptors classify(const BoardFiles& board, const std::optional<FileFacts>& main_now,
                          const std::set<FileIdentity>& held_mains, std::span<const OpenDescriptor> table) {
  BoardDescriptors result;
  DescriptorCounts& counts = result.counts;
  WatchedCounts on_main;
  WatchedCounts& watched = result.watched;
  for (const OpenDescriptor& descriptor : table) {
    Role role = role_by_path(descriptor.target, board.main_path);
    if (role == Role::none && is_main_moved_away(descriptor, board, main_now, held_mains)) role = Role::main;
    switch (role) {
      case Role::none:
        break;
      case Role::main: {
        const FileIdentity identity{descriptor.dev, descriptor.ino};
        result.mains.insert(identity);
        ++counts.main;
        if (descriptor.deleted) {
          ++counts.main_deleted;
        } else if (!main_now || main_now->identity != identity) {
          ++counts.main_replaced;
        }
        counts.locks_known = counts.locks_known && descriptor.locks_known;
        watched.main_readonly += descriptor.read_only;
        watched.main_links = std::max(watched.main_links, static_cast<int>(descriptor.links));
        add_rollback_locks(descriptor, on_main);
        counts.lock_main_posix += locks_on(descriptor, FileLock::Kind::posix, kSharedFirst, kSharedLast);
        counts.lock_main_ofd += locks_on(descriptor, FileLock::Kind::ofd, kSharedFirst, kSharedLast);
        break;
      }
      case Role::wal:
        ++counts.wal;
        counts.wal_deleted += descriptor.deleted;
        break;
      case Role::shm:
        ++counts.shm;
        counts.shm_deleted += descriptor.deleted;
        counts.locks_known = counts.locks_known && descriptor.locks_known;
        watched.shm_readonly += descriptor.read_only;
        add_index_locks(descriptor, counts, watched);
        break;
      case Role::journal:
        ++counts.journal;
        break;
    }
  }
  if (counts.wal == 0) {
    watched.lock_writer = on_main.lock_writer;
    watched.lock_reader = on_main.lock_reader;
    watched.lock_exclusive = on_main.lock_exclusive;
  }
  return result;
}

FolderFacts read_folder_facts(const BoardFiles& board) {
  const std::string main = board.root + board.main_path;
  return {facts_of(main), facts_of(main + "-wal"), facts_of(main + "-shm"), facts_of(main + "-journal")};
}

bool has_lock_folder(const BoardFiles& board) {
  struct stat file {};
  const std::string path = board.root + board.main_path + ".lock";
  return ::stat(path.c_str(), &file) == 0 && S_ISDIR(file.st_mode);
}

Json BoardKernel::to_json() const {
  constexpr std::pair<const char*, int DescriptorCounts::*> kCounts[] = {
      {"kernel_main", &DescriptorCounts::main},
      {"kernel_wal", &DescriptorCounts::wal},
      {"kernel_shm", &DescriptorCounts::shm},
      {"kernel_journal", &DescriptorCounts::journal},
      {"kernel_main_deleted", &DescriptorCounts::main_deleted},
      {"kernel_wal_deleted", &DescriptorCounts::wal_deleted},
      {"kernel_shm_deleted", &DescriptorCounts::shm_deleted},
      {"kernel_main_replaced", &DescriptorCounts::main_replaced},
  };
  constexpr std::pair<const char*, int DescriptorCounts::*> kLocks[] = {
      {"lock_main_posix", &DescriptorCounts::lock_main_posix},
      {"lock_main_ofd", &DescriptorCounts::lock_main_ofd},
      {"lock_shm_dms", &DescriptorCounts::lock_shm_dms},
  };
  Json json = Json::object();
  for (const auto& [key, member] : kCounts) json[key] = counts ? Json((*counts).*member) : Json();
  const bool locks_known = counts && counts->locks_known;
  for (const auto& [key, member] : kLocks) json[key] = locks_known ? Json((*counts).*member) : Json();
  add_file(json, "main", folder.main);
  add_file(json, "wal", folder.wal);
  add_file(json, "shm", folder.shm);
  return json;
}

Json BoardKernel::watched_json(const MainNames& names) const {
  const bool locks_known = counts && counts->locks_known;
  const auto known = [](bool is_known, int value) { return is_known ? Json(value) : Json(); };
  std::optional<std::int64_t> written;
  for (const auto& file : {folder.main, folder.wal, folder.journal}) {
    if (file) written = std::max(written.value_or(file->modified_us), file->modified_us);
  }
  Json json = Json::object();
  json["main_readonly"] = known(locks_known, watched.main_readonly);
  json["shm_readonly"] = known(locks_known, watched.shm_readonly);
  json["lock_shm_dms_deleted"] = known(locks_known, watched.lock_shm_dms_deleted);
  json["lock_writer"] = known(locks_known, watched.lock_writer);
  json["lock_reader"] = known(locks_known, watched.lock_reader);
  json["lock_exclusive"] = known(locks_known, watched.lock_exclusive);
  json["journal_bytes"] = folder.journal ? Json(folder.journal->bytes) : Json();
  json["main_links"] = known(watched.main_links > 0, watched.main_links);
  json["main_mounts"] = or_null(names.mounts);
  json["main_other_names"] = or_null(names.holders);
  json["lock_folder"] = names.lock_folder ? 1 : 0;
  json["written_us"] = or_null(written);
  return json;
}

KernelLedger::KernelLedger(std::vector<BoardFiles> boards) : boards_(std::move(boards)) {
  for (BoardFiles& board : boards_)
    board.main_path = std::filesystem::weakly_canonical(board.main_path).string();
}

void KernelLedger::add(BoardFiles board, HeldMains held) {
  held_mains_[board.name] = std::move(held);
  boards_.push_back(std::move(board));
}

std::map<std::string, BoardKernel> KernelLedger::look(
    const std::optional<std::vector<OpenDescriptor>>& table) {
  std::map<std::string, BoardKernel> result;
  for (const BoardFiles& board : boards_) {
    BoardKernel& kernel = result[board.name];
    kernel.folder = read_folder_facts(board);
    if (!table) continue;
    std::set<FileIdentity>& held = held_mains_[board.name];
    BoardDescriptors found = classify(board, kernel.folder.main, held, *table);
    held = std::move(found.mains);
    kernel.counts = found.counts;
    kernel.watched = found.watched;
  }
  return result;
}

Json process_json(const std::optional<std::vector<OpenDescriptor>>& table,
                  const std::optional<os::ProcessStatus>& status) {
  Json json = Json::object();
  json["descriptors"] = table ? Json(table->size()) : Json();
  json["descriptor_limit"] = status ? or_null(status->descriptor_limit) : Json();
  json["threads"] = status ? or_null(status->threads) : Json();
  json["rss_bytes"] = status ? or_null(status->rss_bytes) : Json();
  return json;
}

}  // namespace walsoak::observer
