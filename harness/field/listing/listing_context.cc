#include "harness/field/listing/listing_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "harness/field/rows/line_text.h"

namespace walsoak::watch {
namespace {

// More than a quiet server's standard streams, sockets and logs.
constexpr std::size_t kNoteworthy = 20;

std::string suffix_of(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::size_t point = name.rfind('.');
  // A long "suffix" is a name, and might give away more than a kind.
  constexpr std::size_t kLongest = 8;
  if (point == std::string::npos || point == 0 || name.size() - point > kLongest) return {};
  return name.substr(point);
}

std::string content_of(const Entry& entry) {
  if (!entry.regular && !entry.type.empty()) return entry.type;
  if (!entry.regular) return "no file";
  const std::string suffix = suffix_of(entry.path);
  return suffix.empty() ? "files" : "files that end in " + suffix;
}

// Engines whose files are taken for SQLite's now and then.
std::string engine_of(const Entry& entry) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kEngines = {{
      {".realm", "Realm"},
      {".mdb", "LMDB"},
      {".ldb", "LevelDB"},
      {".sst", "RocksDB"},
      {".duckdb", "DuckDB"},
      {".duckdb.wal", "DuckDB"},
      {".rdb", "Redis"},
      {".ibd", "InnoDB"},
      {".wt", "WiredTiger"},
  }};
  if (entry.path.find(".realm.") != std::string::npos) return "Realm";
  for (const auto& [suffix, engine] : kEngines)
    if (entry.path.ends_with(suffix)) return std::string(engine);
  return {};
}

template <typename Key>
std::pair<std::string, std::size_t> most_of(const std::vector<const Entry*>& entries, Key key) {
  std::map<std::string, std::size_t> counts;
  for (const Entry* entry : entries)
    if (std::string name = key(*entry); !name.empty()) counts[name] += static_cast<std::size_t>(entry->count);
  std::pair<std::string, std::size_t> most;
  for (const auto& [name, count] : counts)
    if (count > most.second) most = {name, count};
  return most;
}

std::string elsewhere_remark(const ListedProcess& process) {
  const std::size_t last = process.samples() - 1;
  const std::vector<const Entry*> elsewhere = process.elsewhere(last);
  const auto& entries = process.part(last).entries;
  const auto shown =
      static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), [](const Entry& entry) {
        return entry.descriptor && !entry.fd.empty();
      }));
  if (elsewhere.size() < kNoteworthy || 2 * elsewhere.size() < shown) return {};
  std::string remark = fmt::format("{} of {} descriptors{} are on no database", elsewhere.size(), shown,
                                   process.part(last).whole ? "" : " that are shown");
  if (const auto [kind, count] = most_of(elsewhere, content_of); count > 0)
    remark += fmt::format(" ({} {})", count, kind);
  const auto [engine, of_it] = most_of(elsewhere, engine_of);
  if (of_it > 0) remark += fmt::format(", {} of them on files of {}", of_it, engine);
  return remark + ": if the process runs out of descriptors, these are the ones to look at.";
}

bool is_network_path(const Entry& entry) {
  // WSL shows Windows' drives so, by 9p; NFS renames a file that is removed while it is open.
  const bool windows_drive = entry.path.starts_with("/mnt/") && entry.path.size() > 6 && entry.path[6] == '/';
  return windows_drive || entry.path.find("/.nfs0") != std::string::npos;
}

void note_network(const ListedProcess& process, std::vector<std::string>& remarks) {
  bool remote = false, renamed = false;
  for (const Entry& entry : process.part(process.samples() - 1).entries) {
    const bool of_one = std::any_of(process.databases().begin(), process.databases().end(),
                                    [&](const ListedDatabase& database) {
                                      return entry.regular && entry.path.starts_with(database.path);
                                    });
    remote = remote || (of_one && (!entry.server.empty() || is_network_path(entry)));
    renamed = renamed || (entry.descriptor && entry.path.find("/.nfs0") != std::string::npos);
  }
  if (remote)
    remarks.push_back(
        "The database lies on a network file system: WAL needs memory that is shared by all its processes, "
        "which no other machine has, and locks may fail there without an error "
        "(sqlite.org/wal.html, sqlite.org/howtocorrupt.html 2.1); move it to a local disk.");
  if (renamed)
    remarks.push_back(
        "A file named .nfs... was removed while it was open: NFS renames such a file instead of showing it "
        "as "
        "deleted, so whether a -wal or -shm is among them is not told.");
}

std::string sizes_remark(const ListedProcess& process) {
  constexpr std::size_t kMost = 3;
  std::string sizes;
  for (std::size_t i = 0; i < std::min(kMost, process.databases().size()); ++i) {
    const auto board = process.board(process.samples() - 1, process.databases()[i]);
    const auto size = [&board](const char* key) {
      if (board[key].is_null()) return std::string("not shown");
      const auto bytes = board[key].get<std::int64_t>();
      return bytes < 1000000 ? fmt::format("{} bytes", bytes)
                             : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
    };
    sizes += fmt::format("{}db{}: main {}, -wal {}, -shm {}", i == 0 ? "" : "; ", i + 1, size("main_bytes"),
                         size("wal_bytes"), size("shm_bytes"));
  }
  return fmt::format(
      "A folder's listing shows sizes of files ({}), and no process: who holds them is not told.", sizes);
}

bool without_times(const ListedProcess& process, const Listings& listings) {
  for (std::size_t i = 0; i < process.samples(); ++i)
    if (listings.samples[process.part(i).sample].moment) return false;
  return true;
}

}  // namespace

std::string composition_text(const std::vector<const Entry*>& entries) {
  const auto [kind, count] = most_of(entries, content_of);
  if (count < kNoteworthy || 2 * count < entries.size()) return {};
  return fmt::format("{} of {} descriptors: {}", count, entries.size(), kind);
}

bool are_unlike(const ListedProcess& process, const Listings& listings) {
  if (process.samples() < 2 || !without_times(process, listings)) return false;
  if (listings.places.size() > 1) return true;
  if (process.pid()) return false;
  const auto ends_of = [&](std::size_t sample) {
    std::map<std::string, std::string> ends;
    for (const Entry& entry : process.part(sample).entries)
      if (entry.type == "socket" || entry.type == "pipe") ends[entry.fd] = entry.path;
    return ends;
  };
  for (std::size_t i = 1; i < process.samples(); ++i) {
    const auto before = ends_of(i - 1);
    int same = 0, different = 0;
    for (const auto& [fd, end] : ends_of(i)) {
      const auto found = before.find(fd);
      if (found != before.end()) ++(found->second == end ? same : different);
    }
    if (same == 0 && different >= 2) return true;
  }
  return false;
}

ListingContext context_of(const ListedProcess& process, const Listings& listings, std::size_t several) {
  ListingContext context;
  context.macos = process.on_macos();
  context.on_disk = process.on_disk();
  context.container = listings.container;
  // On a machine of its own that is the system's first process, which keeps no database of this kind.
  const std::string& command = process.command();
  if (context.container.empty() && process.pid() == 1 && !context.macos && command != "systemd" &&
      command != "init")
    context.container = "docker";
  const auto remark = [&](std::string sentence) {
    if (!sentence.empty()) context.remarks.push_back(std::move(sentence));
  };
  remark(elsewhere_remark(process));
  note_network(process, context.remarks);
  if (context.on_disk) remark(sizes_remark(process));
  for (const ListedDatabase& database : process.databases())
    if (database.odd)
      remark(
          "A file is told for a -wal by its name alone: its main file is not shown, and has no database's "
          "name.");
  if (several > 1)
    remark(
        fmt::format("One of {} processes in the text that hold databases, each judged for itself{}.", several,
                    listings.pid_lines ? "; numbers on lines of their own were taken for process ids" : ""));
  if (process.samples() > 1 && !process.pid() && without_times(process, listings))
    remark(
        "The listings have neither time nor process id: they are taken for moments of one process, in this "
        "order; if they are several processes, put each one's id on a line before its listing.");
  return context;
}

}  // namespace walsoak::watch
