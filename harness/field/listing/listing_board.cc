#include "harness/field/listing/listing_board.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "harness/evidence/observer/databases.h"
#include "harness/evidence/observer/kernel_ledger.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;
using observer::FileFacts;
using os::FileLock;

// lsof shows a lock at every descriptor of the file, and not its bytes; the kernel's ledger counts it once,
// where SQLite has it: the shared range of the main file, the "deadman switch" of the -shm.
constexpr FileLock kSharedLock{FileLock::Kind::posix, FileLock::Mode::read, 1073741826, 1073742335};
constexpr FileLock kDeadmanLock{FileLock::Kind::posix, FileLock::Mode::read, 128, 128};

// The rows of one of the database's files.
struct Rows {
  std::vector<const Entry*> held;  // descriptors
  std::set<ino_t> deleted_maps;
  bool locked = false, lock_column = false, uncertain = false, deleted_uncertain = false, mixed = false;

  bool any_held() const { return !held.empty(); }
  std::int64_t count() const {
    std::int64_t sum = 0;
    for (const Entry* entry : held) sum += entry->count;
    return sum;
  }
};

Rows rows_of(std::span<const Entry> entries, const std::string& path) {
  Rows rows;
  for (const Entry& entry : entries) {
    if (entry.path != path || !entry.regular) continue;
    rows.locked = rows.locked || entry.locked;
    rows.lock_column = rows.lock_column || entry.lock_column;
    if (entry.deleted_map && entry.inode) rows.deleted_maps.insert(*entry.inode);
    if (!entry.descriptor) continue;
    rows.held.push_back(&entry);
    rows.uncertain = rows.uncertain || entry.uncertain;
    rows.deleted_uncertain = rows.deleted_uncertain || entry.deleted_uncertain;
    rows.mixed = rows.mixed || entry.mixed;
  }
  return rows;
}

// The file that the path means now: of those that are not deleted the one that was opened last, which is the
// one of the highest number as far as a listing can tell.
const Entry* current(const Rows& rows) {
  const Entry* best = nullptr;
  for (const Entry* entry : rows.held) {
    if (!entry->deleted && (!best || entry->number() >= best->number())) best = entry;
  }
  return best;
}

std::optional<FileFacts> facts_of(const Entry* entry) {
  if (!entry) return std::nullopt;
  return FileFacts{{0, entry->inode.value_or(0)}, static_cast<std::uint64_t>(entry->bytes.value_or(0))};
}

// A sidecar's path has one file: descriptors on another inode are on an unlinked one, whether or not the
// system says so.
bool is_unlinked(const Entry& entry, const Entry* now) {
  return entry.deleted || (now && entry.inode && now->inode && entry.inode != now->inode);
}

void add_table(const Rows& rows, bool sidecar, const FileLock& lock, std::vector<os::OpenDescriptor>& table) {
  const Entry* now = current(rows);
  bool locked = rows.locked;
  for (const Entry* entry : rows.held) {
    os::OpenDescriptor descriptor{
        -1, entry->path, sidecar ? is_unlinked(*entry, now) : entry->deleted, 0, entry->inode.value_or(0),
        {}};
    if (std::exchange(locked, false)) descriptor.locks.push_back(lock);
    table.insert(table.end(), static_cast<std::size_t>(entry->count), descriptor);
  }
}

void forget(ordered_json& board, std::initializer_list<const char*> keys) {
  for (const char* key : keys) board[key] = nullptr;
}

// A count of which only a part may have been seen: something is something, nothing is not known.
void at_least(ordered_json& board, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (board[key].is_number() && board[key] == 0) board[key] = nullptr;
}

void forget_file(ordered_json& board, const std::string& prefix, const Entry* now) {
  if (!now || !now->bytes) board[prefix + "_bytes"] = nullptr;
  if (!now || !now->inode) board[prefix + "_inode"] = nullptr;
}

struct Files {
  Rows main, wal, shm, journal;
  bool some_sidecar;  // of any database in this listing: it was not filtered for mains
};

void forget_counts(ordered_json& board, const Files& files, const ListingManner& manner) {
  const bool sidecar_held = files.wal.any_held() || files.shm.any_held() || files.journal.any_held() ||
                            !files.shm.deleted_maps.empty();
  const bool filtered = !manner.whole && !files.some_sidecar;
  if (manner.shortened || files.main.uncertain || (!manner.whole && sidecar_held && !files.main.any_held()))
    forget(board, {"kernel_main"});
  if (manner.shortened || filtered || files.wal.uncertain || files.main.uncertain)
    forget(board, {"kernel_wal"});
  if (manner.shortened || filtered || files.shm.uncertain || files.main.uncertain)
    forget(board, {"kernel_shm"});
  // A -shm is mapped, too; counted names do not tell maps from descriptors.
  if (files.shm.mixed && files.shm.count() > 1) forget(board, {"kernel_shm"});
  // Who holds a -wal holds its -shm, too, but for an exclusive lock: that line was filtered out.
  if (!manner.whole && files.wal.any_held() && !files.shm.any_held()) forget(board, {"kernel_shm"});
  if (manner.shortened || filtered) forget(board, {"kernel_journal"});
}

void forget_deleted(ordered_json& board, const Files& files, const ListingManner& manner) {
  const auto of = [&](const Rows& rows, const char* count, const char* deleted) {
    const bool marked =
        manner.shows_deleted ||
        (rows.any_held() && std::all_of(rows.held.begin(), rows.held.end(),
                                        [](const Entry* entry) { return entry->link_count; }));
    if (board[count].is_null() || !marked || rows.mixed || rows.deleted_uncertain) at_least(board, {deleted});
  };
  of(files.main, "kernel_main", "kernel_main_deleted");
  of(files.wal, "kernel_wal", "kernel_wal_deleted");
  of(files.shm, "kernel_shm", "kernel_shm_deleted");
  if (board["kernel_main"].is_null() || !manner.shows_deleted || files.main.mixed)
    at_least(board, {"kernel_main_replaced"});
}

void forget_locks(ordered_json& board, const Files& files, const ListingManner& manner) {
  if (!manner.shows_locks || !files.main.any_held() || !files.main.lock_column)
    forget(board, {"lock_main_posix"});
  // Locks of open file descriptions belong to no process in /proc/locks, and lsof shows none. Who takes one
  // holds a description of its own: there is none where each descriptor on the main has its connection's
  // -wal.
  const bool own_description = board["kernel_main"].is_null() || board["kernel_wal"].is_null() ||
                               board["kernel_main"] > board["kernel_wal"];
  if (board["lock_main_posix"].is_null() || own_description) forget(board, {"lock_main_ofd"});
  if (!manner.shows_locks || !files.shm.any_held() || !files.shm.lock_column) forget(board, {"lock_shm_dms"});
}

}  // namespace

ordered_json board_of(std::span<const Entry> entries, const ListingManner& manner,
                      const std::string& main_path) {
  Files files{rows_of(entries, main_path), rows_of(entries, main_path + "-wal"),
              rows_of(entries, main_path + "-shm"), rows_of(entries, main_path + "-journal"), false};
  files.some_sidecar = std::any_of(entries.begin(), entries.end(), [](const Entry& entry) {
    return entry.descriptor && observer::main_of_sidecar(entry.path).has_value();
  });

  std::vector<os::OpenDescriptor> table;
  add_table(files.main, false, kSharedLock, table);
  add_table(files.wal, true, {}, table);
  add_table(files.shm, true, kDeadmanLock, table);
  add_table(files.journal, true, {}, table);
  observer::BoardKernel kernel;
  kernel.folder = {facts_of(current(files.main)), facts_of(current(files.wal)), facts_of(current(files.shm))};
  kernel.counts = observer::classify({"", main_path}, kernel.folder.main, {}, table).counts;
  // A deleted -shm that is mapped, and whose descriptor does not stand in the listing.
  kernel.counts->shm_deleted =
      std::max(kernel.counts->shm_deleted, static_cast<int>(files.shm.deleted_maps.size()));

  ordered_json board = kernel.to_json();
  forget_counts(board, files, manner);
  forget_deleted(board, files, manner);
  forget_locks(board, files, manner);
  forget_file(board, "main", current(files.main));
  forget_file(board, "wal", current(files.wal));
  forget_file(board, "shm", current(files.shm));
  return board;
}

ordered_json board_on_disk(std::span<const Entry> entries, const std::string& main_path) {
  ordered_json board = observer::BoardKernel{}.to_json();
  for (const Entry& entry : entries) {
    if (!entry.on_disk || !entry.path.starts_with(main_path)) continue;
    const std::string_view suffix = std::string_view(entry.path).substr(main_path.size());
    if (suffix.empty()) board["main_bytes"] = *entry.bytes;
    if (suffix == "-wal") board["wal_bytes"] = *entry.bytes;
    if (suffix == "-shm") board["shm_bytes"] = *entry.bytes;
  }
  return board;
}

}  // namespace walsoak::watch
