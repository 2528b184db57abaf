#include "harness/field/listing/listing_process.h"

#include <algorithm>
#include <map>

#include "harness/evidence/observer/databases.h"
#include "harness/field/listing/listing_board.h"
#include "harness/field/listing/listing_cut.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;

// What only macOS's files and lsof show: there, nothing says that a file is deleted.
bool is_of_macos(const Entry& entry) {
  for (const char* folder : {"/Users/", "/System/", "/Library/", "/private/", "/Volumes/", "/Applications/",
                             "/var/folders/", "/usr/local/Cellar/", "/opt/homebrew/", "/dev/ttys"})
    if (entry.path.starts_with(folder)) return true;
  return entry.type == "KQUEUE" || entry.type == "NPOLICY" || entry.type == "NEXUS" ||
         entry.type == "PSXSHM" || entry.path.starts_with("/opt/homebrew/") ||
         entry.path.starts_with("/dev/ttys");
}

bool has_field(const std::vector<Entry>& entries, std::string_view fd) {
  return std::any_of(entries.begin(), entries.end(), [fd](const Entry& entry) { return entry.fd == fd; });
}

// Linux's lsof prints a root folder, "/", which no grep for a name lets through; macOS's prints none.
bool shows_everything(const std::vector<Entry>& entries, const ListingSample& sample) {
  const bool some =
      std::any_of(entries.begin(), entries.end(), [](const Entry& entry) { return entry.descriptor; });
  if (sample.shortened || !some) return false;
  if (sample.folder) return true;
  if (has_field(entries, "rtd")) return true;
  const bool standard_stream = has_field(entries, "0") || has_field(entries, "1") || has_field(entries, "2");
  return sample.heading && has_field(entries, "cwd") && has_field(entries, "txt") && standard_stream;
}

std::string listed_folder(const std::string& path) {
  return path.substr(0, path.rfind('/') + 1);
}

bool is_listed(const Entry& entry, const ListedDatabase& database) {
  return entry.path == database.path || observer::main_of_sidecar(entry.path) == database.path;
}

}  // namespace

std::vector<std::optional<std::int64_t>> listed_pids(const Listings& listings) {
  std::vector<std::optional<std::int64_t>> pids;
  for (const ListingSample& sample : listings.samples) {
    for (const Entry& entry : sample.entries) {
      // Lines of a process stand together.
      if (!pids.empty() && pids.back() == entry.pid) continue;
      if (std::find(pids.begin(), pids.end(), entry.pid) == pids.end()) pids.push_back(entry.pid);
    }
  }
  return pids;
}

ListedProcess::ListedProcess(std::optional<std::int64_t> pid, const Listings& listings)
    : pid_(pid), folder_(listings.on_disk) {
  for (std::size_t i = 0; i < listings.samples.size(); ++i) {
    const ListingSample& sample = listings.samples[i];
    ProcessListing part;
    part.sample = i;
    part.shortened = sample.shortened;
    for (const Entry& entry : sample.entries) {
      if (entry.pid != pid) continue;
      part.entries.push_back(entry);
      if (command_.empty()) command_ = entry.command;
      if (entry.locked) folders_with_locks_.insert(listed_folder(entry.path));
      on_macos_ = on_macos_ || is_of_macos(entry);
    }
    if (part.entries.empty()) continue;
    part.whole = shows_everything(part.entries, sample);
    cut_ = restore_cut_names(part.entries) || cut_;
    parts_.push_back(std::move(part));
  }
  on_disk_ = std::any_of(parts_.begin(), parts_.end(), [](const ProcessListing& part) {
    return std::any_of(part.entries.begin(), part.entries.end(),
                       [](const Entry& entry) { return entry.on_disk; });
  });
  find_databases();
}

// By sidecars over all samples, so that a main is known before its -wal is opened; then by name.
void ListedProcess::find_databases() {
  std::vector<os::OpenDescriptor> table;
  std::set<std::string> shown;
  for (const ProcessListing& part : parts_) {
    for (const Entry& entry : part.entries) {
      if (!entry.regular) continue;
      table.push_back({-1, entry.path, entry.deleted, 0, 0, {}});
      shown.insert(entry.path);
    }
  }
  std::set<std::string> mains;
  for (const observer::FoundDatabase& found : observer::find_databases(table)) mains.insert(found.path);
  std::set<std::string> known;
  for (const ProcessListing& part : parts_) {
    std::map<std::string, ListedDatabase> here;
    for (const Entry& entry : part.entries) {
      if (!entry.regular) continue;
      const auto base = observer::main_of_sidecar(entry.path);
      if (base && mains.contains(*base)) {
        // "/data/events-wal": any program may name a file so.
        const bool odd = !observer::named_like_a_database(*base) && !shown.contains(*base) &&
                         !shown.contains(*base + "-shm");
        here.insert({*base, {*base, entry.bare, !odd, odd}});
      } else if (mains.contains(entry.path)) {
        here.insert({entry.path, {entry.path, entry.bare, true}});
      } else if ((entry.descriptor || entry.on_disk) && observer::named_like_a_database(entry.path)) {
        here.insert({entry.path, {entry.path, entry.bare, false}});
      }
    }
    for (auto& [path, database] : here)
      if (known.insert(path).second) databases_.push_back(std::move(database));
  }
}

bool ListedProcess::has_sidecars() const {
  return std::any_of(databases_.begin(), databases_.end(),
                     [](const ListedDatabase& database) { return database.by_sidecar; });
}

std::size_t ListedProcess::first_sample(const ListedDatabase& database) const {
  const auto part = std::find_if(parts_.begin(), parts_.end(), [&](const ProcessListing& listing) {
    return std::any_of(listing.entries.begin(), listing.entries.end(),
                       [&](const Entry& entry) { return is_listed(entry, database); });
  });
  return static_cast<std::size_t>(part - parts_.begin());
}

ordered_json ListedProcess::descriptors(std::size_t sample) const {
  const ProcessListing& part = parts_[sample];
  if (!part.whole) return nullptr;
  return std::count_if(part.entries.begin(), part.entries.end(),
                       [](const Entry& entry) { return entry.descriptor; });
}

std::vector<const Entry*> ListedProcess::elsewhere(std::size_t sample) const {
  std::vector<const Entry*> found;
  for (const Entry& entry : parts_[sample].entries) {
    const bool of_one = std::any_of(
        databases_.begin(), databases_.end(),
        [&](const ListedDatabase& database) { return entry.regular && is_listed(entry, database); });
    if (entry.descriptor && !of_one) found.push_back(&entry);
  }
  return found;
}

ordered_json ListedProcess::board(std::size_t sample, const ListedDatabase& database) const {
  const ProcessListing& part = parts_[sample];
  if (on_disk_) return board_on_disk(part.entries, database.path);
  const bool shows_locks = folders_with_locks_.contains(listed_folder(database.path));
  ordered_json board =
      board_of(part.entries, {part.whole, part.shortened, !on_macos_, shows_locks}, database.path);
  if (parts_.size() == 1) add_sizes(board, database);
  return board;
}

// Of the folder's files, where one alone has the name and the process holds one that is not deleted.
void ListedProcess::add_sizes(ordered_json& board, const ListedDatabase& database) const {
  struct Side {
    const char *suffix, *held, *deleted, *bytes;
  };
  for (const Side& side : {Side{"", "kernel_main", "kernel_main_deleted", "main_bytes"},
                           Side{"-wal", "kernel_wal", "kernel_wal_deleted", "wal_bytes"},
                           Side{"-shm", "kernel_shm", "kernel_shm_deleted", "shm_bytes"}}) {
    const std::string path = database.path + side.suffix;
    const std::string name = path.substr(path.rfind('/'));
    const auto is_it = [&](const Entry& entry) {
      return entry.path == path || (entry.bare && entry.path == name);
    };
    const bool held = board[side.held].is_number() && board[side.held] > 0 && board[side.deleted] == 0;
    if (!held || !board[side.bytes].is_null() || std::count_if(folder_.begin(), folder_.end(), is_it) != 1)
      continue;
    board[side.bytes] = *std::find_if(folder_.begin(), folder_.end(), is_it)->bytes;
  }
}

}  // namespace walsoak::watch
