#include "harness/boards/board/fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "harness/boards/board/statements.h"

namespace walsoak::board {
namespace {

using sqlite::Connection;
using sqlite::Statement;

std::vector<std::string> names(Connection& connection, const std::string& sql) {
  std::vector<std::string> rows;
  Statement query(connection, "schema", sql);
  while (query.step()) {
    std::string name = query.text(0);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    rows.push_back(std::move(name));
  }
  return rows;
}

std::vector<std::string> columns_of(Connection& connection, const std::string& table) {
  return names(connection, fmt::format("SELECT name FROM pragma_table_info('{}') ORDER BY cid", table));
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool all_statements_prepare(Connection& connection) {
  try {
    connection.execute("schema", statement("schema").c_str());  // the indexes; the tables are there
    for (const std::string& name : statement_names()) {
      if (name != "schema") Statement(connection, name, statement(name));
    }
    return true;
  } catch (const sqlite::Error&) {
    return false;
  }
}

bool in_use(Connection& reference, const std::string& table, const std::string& column) {
  reference.execute(
      "rename",
      fmt::format("SAVEPOINT without; ALTER TABLE {} RENAME COLUMN {} TO gone", table, column).c_str());
  const bool used = !all_statements_prepare(reference);
  reference.execute("rename", "ROLLBACK TO without; RELEASE without");
  return used;
}

std::string part(const char* kind, const std::vector<std::string>& missing) {
  return missing.empty()
             ? ""
             : fmt::format("no {}{} {}", kind, missing.size() == 1 ? "" : "s", fmt::join(missing, ", "));
}

}  // namespace

// Asked of SQLite rather than read out of the text: a column is in use where board.sql fails without it.
std::map<std::string, std::vector<std::string>> columns_in_use() {
  sqlite::ApiLedger ledger;
  Connection reference(":memory:", {}, ledger);
  reference.execute("schema", statement("schema").c_str());
  for (const std::string& index :
       names(reference, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")) {
    reference.execute("index", ("DROP INDEX " + index).c_str());
  }
  std::map<std::string, std::vector<std::string>> used;
  for (const std::string& table : names(reference, "SELECT name FROM sqlite_master WHERE type = 'table'")) {
    if (table == "acknowledgements") continue;
    for (const std::string& column : columns_of(reference, table)) {
      if (in_use(reference, table, column)) used[table].push_back(column);
    }
  }
  return used;
}

std::string misfit(Connection& connection) {
  const std::vector<std::string> tables =
      names(connection, "SELECT name FROM sqlite_master WHERE type = 'table'");
  std::vector<std::string> missing_tables, missing_columns;
  for (const auto& [table, columns] : columns_in_use()) {
    if (!contains(tables, table)) {
      missing_tables.push_back(table);
      continue;
    }
    const std::vector<std::string> there = columns_of(connection, table);
    for (const std::string& column : columns) {
      if (!contains(there, column)) missing_columns.push_back(table + "." + column);
    }
  }
  std::string text = part("table", missing_tables);
  const std::string columns = part("column", missing_columns);
  if (!text.empty() && !columns.empty()) text += "; ";
  return text + columns;
}

void try_writes(Connection& connection, std::int64_t now_s) {
  const auto prepare = [&](const char* name) { return Statement(connection, name, statement(name)); };
  const char* const writer = "walsoak";
  connection.execute("BEGIN IMMEDIATE", "BEGIN IMMEDIATE");
  try {
    prepare("slash_add").bind(":id", "walsoak-try-1").bind(":title", "try").bind(":now", now_s).run();
    prepare("insert_task")
        .bind(":id", "walsoak-try-2")
        .bind(":title", "try")
        .bind(":body", "try")
        .bind(":status", "review")
        .bind(":priority", 0)
        .bind(":assignee", "reviewed")
        .bind(":now", now_s)
        .run();
    for (const auto& [task, status] : {std::pair{"walsoak-try-1", "ready"}, {"walsoak-try-2", "review"}}) {
      prepare("claim")
          .bind(":id", task)
          .bind(":status", status)
          .bind(":writer", writer)
          .bind(":now", now_s)
          .bind(":expires", now_s)
          .run();
      prepare("insert_run").bind(":task", task).bind(":writer", writer).bind(":now", now_s).run();
      prepare("insert_event")
          .bind(":task", task)
          .bind(":run", connection.last_insert_rowid())
          .bind(":kind", "claimed")
          .bind(":payload", "{}")
          .bind(":now", now_s)
          .run();
      prepare("set_worker_pid").bind(":id", task).bind(":pid", 1).run();
      prepare("worker_comment")
          .bind(":task", task)
          .bind(":author", writer)
          .bind(":body", "progress")
          .bind(":now", now_s)
          .run();
      prepare("worker_complete")
          .bind(":id", task)
          .bind(":writer", writer)
          .bind(":now", now_s)
          .bind(":result", "done")
          .run();
    }
    prepare("acknowledge").bind(":writer", writer).bind(":seq", 1).run();
  } catch (...) {
    // A statement that aborts with ROLLBACK has ended the transaction itself.
    if (connection.in_transaction()) connection.execute("ROLLBACK", "ROLLBACK");
    throw;
  }
  connection.execute("ROLLBACK", "ROLLBACK");
}

}  // namespace walsoak::board
