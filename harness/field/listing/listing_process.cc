#include "harness/field/listing/listing_process.h"

#include <fmt/format.h>

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
  for (const char* folder : {"/Users/", "/System/", "/Library/", "/private/", "/Volumes/", "/Applications/"})
    if (entry.path.starts_with(folder)) return true;
  return false;
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

ListedProcess::ListedProcess(std::optional<std::int64_t> pid, const Listings& listings) : pid_(pid) {
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
      shows_deleted_ = shows_deleted_ && !is_of_macos(entry);
    }
    if (part.entries.empty()) continue;
    part.whole = shows_everything(part.entries, sample);
    cut_ = restore_cut_names(part.entries) || cut_;
    parts_.push_back(std::move(part));
  }
  find_databases();
}

// By sidecars over all samples, so that a main is known before its -wal is opened; then by name.
void ListedProcess::find_databases() {
  std::vector<os::OpenDescriptor> table;
  for (const ProcessListing& part : parts_) {
    for (const Entry& entry : part.entries) {
      if (entry.regular) table.push_back({-1, entry.path, entry.deleted, 0, 0, {}});
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
        here.insert({*base, {*base, entry.bare, true}});
      } else if (mains.contains(entry.path)) {
        here.insert({entry.path, {entry.path, entry.bare, true}});
      } else if (entry.descriptor && observer::named_like_a_database(entry.path)) {
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

ordered_json ListedProcess::board(std::size_t sample, const ListedDatabase& database) const {
  const ProcessListing& part = parts_[sample];
  const bool shows_locks = folders_with_locks_.contains(listed_folder(database.path));
  return board_of(part.entries, {part.whole, part.shortened, shows_deleted_, shows_locks}, database.path);
}

std::string ListedProcess::in_words() const {
  std::int64_t mains = 0, wals = 0;
  for (const Entry& entry : parts_.back().entries) {
    if (!entry.descriptor || !entry.regular) continue;
    for (const ListedDatabase& database : databases_) {
      if (entry.path == database.path) mains += entry.count;
      if (entry.path == database.path + "-wal") wals += entry.count;
    }
  }
  return fmt::format("{}{} ({} main, {} wal)", pid_ ? std::to_string(*pid_) : "no pid",
                     command_.empty() ? "" : " " + command_, mains, wals);
}

}  // namespace walsoak::watch
