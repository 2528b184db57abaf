// The copies of SQLite in this process, each an object that has some of SQLite's functions: a program may
// have several, and each call must reach its own. A copy need not have all functions: a browser's own SQLite
// exports those that the browser uses.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/field/preload/sqlite/hooks.h"

namespace walsoak::trace {

struct SqliteCopy {
  std::uintptr_t object;                 // its first address; 0: a free place
  std::atomic<void*> functions[kHooks];  // as callers reach them; nullptr: not asked for yet
  // Those of the same object, nullptr where it exports none: another object's may belong to another version
  // of SQLite, or to something that only looks like SQLite from outside.
  const char* (*db_filename)(sqlite3*, const char*);
  sqlite3_stmt* (*next_stmt)(sqlite3*, sqlite3_stmt*);
  sqlite3* (*db_handle)(sqlite3_stmt*);
  int (*extended_errcode)(sqlite3*);
  std::atomic<bool> opened;  // a connection was seen to be opened through it
};

inline constexpr int kMostCopies = 8;

// The copy that a function of SQLite's belongs to, after adding it; -1 where there is no room. Takes the
// dynamic linker's lock.
int copy_with(Hook hook, void* function);
SqliteCopy& copy_at(int index);

// Whether a connection of the copy in this object was seen to be opened.
bool is_seen_copy(std::uintptr_t object);

}  // namespace walsoak::trace
