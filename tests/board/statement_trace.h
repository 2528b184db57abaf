// The statements that SQLite begins, as SQLite itself tells them, for tests.
#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

#include "harness/boards/sqlite/connection.h"

namespace walsoak::tests {

namespace trace {
inline std::vector<std::string>* g_statements = nullptr;

inline int note(unsigned, void*, void*, void* sql) {
  const std::string text = static_cast<const char*>(sql);
  if (!text.starts_with("--")) g_statements->push_back(text);  // "--": a trigger's, inside a statement
  return 0;
}
inline int note_connection(sqlite3* connection, const char**, const void*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note, nullptr);
}
}  // namespace trace

// Of one connection, or of every connection opened from now on. One at a time, on one thread.
class StatementTrace {
 public:
  explicit StatementTrace(sqlite::Connection& connection) : StatementTrace() {
    sqlite3_cancel_auto_extension(extension());
    traced_ = connection.handle();
    trace::note_connection(traced_, nullptr, nullptr);
  }
  StatementTrace() {
    trace::g_statements = &statements_;
    sqlite3_auto_extension(extension());
  }
  // Connections that were opened meanwhile must have been closed; the one that was handed in lives on
  // untraced.
  ~StatementTrace() {
    sqlite3_cancel_auto_extension(extension());
    if (traced_ != nullptr) sqlite3_trace_v2(traced_, 0, nullptr, nullptr);
  }
  StatementTrace(const StatementTrace&) = delete;
  StatementTrace& operator=(const StatementTrace&) = delete;

  const std::vector<std::string>& statements() const { return statements_; }
  void clear() { statements_.clear(); }

 private:
  using Extension = void (*)();
  static Extension extension() { return reinterpret_cast<Extension>(trace::note_connection); }
  std::vector<std::string> statements_;
  sqlite3* traced_ = nullptr;
};

}  // namespace walsoak::tests
