// The copies of SQLite in this process: a program may have several, and each call must reach its own.
#pragma once

#include <cstdint>

namespace walsoak::trace {

struct sqlite3;  // never looked into

struct SqliteCopy {
  int (*open)(const char*, sqlite3**);
  int (*open16)(const void*, sqlite3**);
  int (*open_v2)(const char*, sqlite3**, int, const char*);
  int (*close)(sqlite3*);
  int (*close_v2)(sqlite3*);
  const char* (*db_filename)(sqlite3*, const char*);
  void* (*next_stmt)(sqlite3*, void*);
  std::uintptr_t object;  // its first address
};

inline constexpr int kMostCopies = 8;

// The copy that a call of one of the functions reaches from this return address, or nullptr: looked up as the
// dynamic linker does, in the global scope first, then in the caller's own (an extension module with its
// libraries is loaded with RTLD_LOCAL).
const SqliteCopy* copy_for(const void* caller);

// The copy whose functions a handle of dlopen() gives; `index` says which. nullptr: none, or one too many.
const SqliteCopy* copy_behind(void* handle, int* index);
const SqliteCopy& copy_at(int index);

// Whether a copy of SQLite is there that calls are seen of.
bool is_known_copy(std::uintptr_t object);

}  // namespace walsoak::trace
