// The API ledger of a program that knows nothing of walsoak: its calls of sqlite3_open*() and
// sqlite3_close*(), each passed on to the copy of SQLite that it would have reached without this library.
#pragma once

#include "harness/field/preload/real.h"

namespace walsoak::trace {

// An object took a lock in SQLite's ranges. Where no connection of it was ever seen to be opened (SQLite
// linked in statically has no calls that could be seen), that is said once. Only within Inside.
void note_locker(const LoadedObject& owner);

// Those of the parent are not the child's. With nobody else's turn.
void forget_connections();

}  // namespace walsoak::trace
