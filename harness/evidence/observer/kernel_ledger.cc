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

bool is_main_moved_away(const OpenDescriptor& descriptor, const BoardFiles& board,
                        const std::set<FileIdentity>& held_mains) {
  return held_mains.contains({descriptor.dev, descriptor.ino}) &&
         folder_of(descriptor.target) == folder_of(board.main_path) &&
         !named_like_a_sidecar(descriptor.target);
}

int locks_on(const OpenDescriptor& descriptor, FileLock::Kind kind, std::uint64_t first, std::uint64_t last) {
  return static_cast<int>(
      std::count_if(descriptor.locks.begin(), descriptor.locks.end(),
                    [&](const FileLock& lock) { return lock.kind == kind && lock.overlaps(first, last); }));
}

std::optional<FileFacts> facts_of(const std::string& path) {
  struct stat file {};
  if (::stat(path.c_str(), &file) != 0) return std::nullopt;
  return FileFacts{{file.st_dev, file.st_ino}, static_cast<std::uint64_t>(file.st_size)};
}

void add_file(Json& json, const std::string& prefix, const std::optional<FileFacts>& file) {
  json[prefix + "_bytes"] = file ? Json(file->bytes) : Json();
  json[prefix + "_inode"] = file ? Json(file->identity.ino) : Json();
}

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

BoardDescriptors classify(const BoardFiles& board, const std::optional<FileFacts>& main_now,
                          const std::set<FileIdentity>& held_mains, std::span<const OpenDescriptor> table) {
  BoardDescriptors result;
  DescriptorCounts& counts = result.counts;
  for (const OpenDescriptor& descriptor : table) {
    Role role = role_by_path(descriptor.target, board.main_path);
    if (role == Role::none && is_main_moved_away(descriptor, board, held_mains)) role = Role::main;
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
        counts.lock_shm_dms += locks_on(descriptor, FileLock::Kind::posix, kDeadmanSwitch, kDeadmanSwitch) +
                               locks_on(descriptor, FileLock::Kind::ofd, kDeadmanSwitch, kDeadmanSwitch);
        break;
      case Role::journal:
        ++counts.journal;
        break;
    }
  }
  return result;
}

FolderFacts read_folder_facts(const BoardFiles& board) {
  const std::string main = board.root + board.main_path;
  return {facts_of(main), facts_of(main + "-wal"), facts_of(main + "-shm")};
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
