// The SQLite libraries mapped by another process, with their versions.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace walsoak::os {

struct LoadedSqlite {
  std::string file;     // without its folder: "libsqlite3.so.0.8.6"
  std::string version;  // "3.40.1"
};

// Libraries in the order of their addresses: each file mapped as code that exports sqlite3_version. Empty if
// none does (a SQLite linked into a program usually exports nothing) or if /proc/<pid>/maps is not readable.
// Opens mapped files for reading.
std::vector<LoadedSqlite> loaded_sqlite(pid_t pid);

}  // namespace walsoak::os
