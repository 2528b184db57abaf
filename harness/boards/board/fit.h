// Whether a board that walsoak did not make can be worked on: which tables and columns the statements of
// board.sql need, and which of them are missing. A richer board fits.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/boards/sqlite/connection.h"

namespace walsoak::board {

// Columns by table, in the schema's order: those without which some statement or index of board.sql is an
// error. The acknowledgement table is walsoak's own and not among them.
std::map<std::string, std::vector<std::string>> columns_in_use();

// What is missing, as "no tables links, runs; no columns tasks.attempts, tasks.claim_lock", or "". Names are
// compared as SQLite does, without regard to case. Throws sqlite::Error.
std::string misfit(sqlite::Connection& connection);

// Carries out what a cell's writers do in a transaction that is rolled back. It shows what names do not: a
// column that must not be NULL and that walsoak does not fill, a CHECK that forbids a status, an id that is a
// number, a trigger. Throws sqlite::Error naming the statement.
void try_writes(sqlite::Connection& connection, std::int64_t now_s);

}  // namespace walsoak::board
