// One SQLite connection and its statements, owned by RAII, counted in the API ledger, and held to the thread
// affinity that its strategy declared.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "harness/boards/sqlite/actor.h"
#include "harness/boards/sqlite/api_ledger.h"
#include "harness/boards/sqlite/error.h"

namespace walsoak::sqlite {

// Which threads may touch a connection. `owner_thread`: only the one that opened it. `any_thread_close`: used
// by its owner, closed by anyone (what a garbage collector does). `serialized`: used and closed by anyone who
// has taken a turn, one at a time: a lock around single statements would let two threads share a transaction.
enum class Affinity { owner_thread, any_thread_close, serialized };
std::string_view name_of(Affinity affinity);

class Connection;

// A prepared statement. Must not outlive its connection; same affinity.
class Statement {
 public:
  Statement(Connection& connection, std::string_view where, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // `parameter` with its colon. Throws Error (SQLITE_RANGE) where the statement has none of that name.
  Statement& bind(const char* parameter, std::int64_t value);
  Statement& bind(const char* parameter, std::string_view value);

  // True while there is a row. Throws Error.
  bool step();
  // Runs to the end.
  void run();

  std::int64_t integer(int column) const;
  std::string text(int column) const;

 private:
  int index_of(const char* parameter) const;

  Connection& connection_;
  std::string where_;
  sqlite3_stmt* statement_ = nullptr;
};

class Connection {
 public:
  struct Options {
    Actor actor = Actor::dispatcher;
    Affinity affinity = Affinity::owner_thread;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    const char* vfs = nullptr;  // nullptr: the default, which is the counting one where it is installed
    std::int64_t busy_timeout_ms = 30000;
  };

  // Opens `name` (a path, or a URI with SQLITE_OPEN_URI) and counts it under `path`. Throws Error; then
  // nothing stays open. The ledger must outlive the connection.
  Connection(std::string path, const std::string& name, const Options& options, ApiLedger& ledger);
  Connection(std::string path, const Options& options, ApiLedger& ledger)
      : Connection(path, path, options, ledger) {}
  // Closes with sqlite3_close_v2, as CPython does. Affinity is checked by close(), not here.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // A thread's turn on a serialized connection, from construction, which blocks, to destruction. Any other
  // connection has nothing to wait for. The waiting time is counted in the API ledger. A thread may nest
  // turns.
  class Turn {
   public:
    explicit Turn(Connection& connection);
    ~Turn();
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Connection& connection_;
  };

  // Closes now. Throws AffinityError on a thread that may not.
  void close();

  // Runs one or more statements without rows of interest. Throws Error naming `where`.
  void execute(std::string_view where, const char* sql);
  // The first column of the first row, or "".
  std::string value(std::string_view where, const char* sql);

  // What write transactions on this connection call once their COMMIT has returned; may throw. Set on the
  // connecting thread, before the first transaction.
  void after_commit(std::function<void()> act) { after_commit_ = std::move(act); }
  void committed() const {
    if (after_commit_) after_commit_();
  }

  // Called before the connection closes, with its handle, on the thread that closes it; must not throw. Set
  // on the connecting thread.
  void before_close(std::function<void(sqlite3*)> act) { before_close_ = std::move(act); }

  std::int64_t changes() const { return sqlite3_changes(handle()); }
  std::int64_t last_insert_rowid() const { return sqlite3_last_insert_rowid(handle()); }
  bool in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

  // The handle, for use on a thread that may. Throws AffinityError, and the ledger counts it.
  sqlite3* handle() const;
  const std::string& path() const { return path_; }
  // Who opened it, and for whom the ledgers count what is done on it.
  Actor actor() const { return actor_; }

  [[noreturn]] void fail(std::string_view where) const;

 private:
  void shut();
  bool may_use() const;

  std::string path_;
  Actor actor_;
  Affinity affinity_;
  std::thread::id owner_;
  ApiLedger& ledger_;
  std::recursive_mutex turn_;  // serialized
  int turns_ = 0;              // of the thread whose turn it is
  std::atomic<std::thread::id> turn_of_{};
  std::function<void()> after_commit_;
  std::function<void(sqlite3*)> before_close_;
  sqlite3* handle_ = nullptr;
};

}  // namespace walsoak::sqlite
