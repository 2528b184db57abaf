// The API ledger of a program that knows nothing of walsoak: its calls of sqlite3_open*() and
// sqlite3_close*(), statements that fail, and connections that a forked child uses and has from its parent.
// Each call is passed on to the copy of SQLite that it would have reached without this library.
#pragma once

#include "harness/field/preload/real.h"
#include "harness/field/preload/sqlite/hooks.h"

namespace walsoak::trace {

// The function of this library that passes calls of `function` on to it. nullptr: there is none, since the
// process has too many copies of SQLite.
void* function_for(Hook hook, void* function);

// An object took a lock in SQLite's ranges. Where no connection of it was ever seen to be opened (SQLite
// linked in statically has no calls that could be seen), that is said once. Only within Inside.
void note_locker(const LoadedObject& owner);

// Called in a forked child: the connections of the parent are not the child's. Not within a Turn.
void inherit_connections(pid_t parent);

// Called as the program ends: failed statements that were counted and not written.
void write_counted_statements();

}  // namespace walsoak::trace
