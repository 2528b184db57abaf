// Which of a process's open files are SQLite databases: told from its descriptor table alone, by the sidecars
// beside them and by locks where SQLite's unix VFS takes them (https://www.sqlite.org/lockingv3.html). No
// content is read unless the caller gives a way to.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"

namespace walsoak::observer {

enum class How { sidecar, lock, peek };
std::string_view how_text(How how);

struct FoundDatabase {
  std::string path;  // of the main file, as the kernel shows it
  How how = How::sidecar;
  HeldMains held = {};  // main files that now stand under another name in that folder
};

// The path of the main file that a sidecar's name belongs to: "/x/k.db" of "/x/k.db-wal"; nothing for other
// names.
std::optional<std::string> main_of_sidecar(std::string_view target);

// Every database that sidecars or locks give away, by path. A sidecar counts where its main is not open, too;
// a file with a sidecar of its own is a main, whatever its name. A locked main without sidecars, beside a
// -wal without main in the same folder, is that one's main, moved away, where there is one of each only. A
// pure function.
std::vector<FoundDatabase> find_databases(std::span<const os::OpenDescriptor> table);

// Files that are named like databases (.db, .sqlite, ...). A pure function.
bool named_like_a_database(std::string_view path);
// Whether a file's first bytes are those of a database ("SQLite format 3" and a zero byte).
bool is_database_header(std::string_view first_bytes);

// db1, db2, ... by path, in the order in which they were asked for: the same over all incarnations of a
// process.
class DatabaseNames {
 public:
  const std::string& of(const std::string& path);

 private:
  std::map<std::string, std::string> names_;
};

// The databases of one process over time: one that was found stays, so that its counts can fall to 0. One
// thread.
class Databases {
 public:
  // The first bytes (16 at least) of the file behind a descriptor, "" where they cannot be read.
  using FirstBytes = std::function<std::string(int fd)>;

  // With `first_bytes`, files that are named like databases and that neither sidecar nor lock gives away are
  // read.
  explicit Databases(FirstBytes first_bytes = {}) : first_bytes_(std::move(first_bytes)) {}

  // Those that this table shows and none before did.
  std::vector<FoundDatabase> look(std::span<const os::OpenDescriptor> table);

  // Descriptors on files that are named like databases and were neither found to be one nor looked into and
  // found something else: a rollback journal's database at rest shows neither sidecar nor lock.
  int count_doubtful(std::span<const os::OpenDescriptor> table) const;

 private:
  bool is_known(const os::OpenDescriptor& descriptor) const;
  bool is_doubtful(const os::OpenDescriptor& descriptor) const;
  void look_into_doubtful(std::span<const os::OpenDescriptor> table, std::vector<FoundDatabase>& found);
  void follow(std::span<const os::OpenDescriptor> table);

  FirstBytes first_bytes_;
  std::set<std::string> paths_;
  std::map<FileIdentity, std::string> held_;  // mains of the last table -> their folder
  std::set<FileIdentity> no_databases_;       // looked into, and something else
};

}  // namespace walsoak::observer
