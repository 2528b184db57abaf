// The SQLite libraries that another process has loaded, by the version that each carries.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace walsoak::os {

struct LoadedSqlite {
  std::string file;     // without its folder: "libsqlite3.so.0.8.6"
  std::string version;  // "3.40.1"
};

// Of each file that the process has mapped as code and that exports sqlite3_version (SQLite's own text), in
// the order of its addresses. Empty also where nothing can be read: a SQLite that was linked into a program
// exports nothing, as a rule. Only mapped files are opened, for reading, and nothing of the process is.
std::vector<LoadedSqlite> loaded_sqlite(pid_t pid);

}  // namespace walsoak::os
