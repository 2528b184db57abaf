// The field's connect(): look at the header, open, set the pragmas, create the schema on the first open of a
// path.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "harness/boards/board/board.h"
#include "harness/boards/board/lock_guard.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak::board {

// The kind of error of a header check that read something else than SQLite's magic bytes: the board is
// corrupt.
inline constexpr const char* kNotADatabase = "not-a-database";

// An error of the application's own, not of SQLite: `kind` is "EMFILE", "disabled", "header" (it could not be
// read), "init" (a fault), "system" (any other system call) or kNotADatabase.
class AppError : public std::runtime_error {
 public:
  AppError(std::string kind, std::string where, const std::string& message)
      : std::runtime_error(message), kind_(std::move(kind)), where_(std::move(where)) {}
  const std::string& kind() const { return kind_; }
  const std::string& where() const { return where_; }

 private:
  std::string kind_, where_;
};

// Opens boards for one process. Thread-safe.
class Connector {
 public:
  // Both references must outlive the connector and its connections.
  Connector(const Settings& settings, sqlite::ApiLedger& ledger) : settings_(settings), ledger_(ledger) {}

  // A fault: the next `count` connects (0: all) to the board of that path ("": any) fail after SQLite has
  // opened it, as a failing initialisation does. Ended by its number. Thread-safe, as connect().
  void fail_initialisation(std::int64_t fault, const std::string& path, std::int64_t count);
  void end_failing(std::int64_t fault);

  // Setting on_init_failure: what takes the connection of a connect that fails after SQLite has opened it.
  // Called on the connecting thread. Set before the first connect; without it, or with `close`, it is closed.
  void leave_failed_to(std::function<void(std::unique_ptr<sqlite::Connection>)> taker) {
    failed_to_ = std::move(taker);
  }

  // Descriptors of the setting lock_guard on the board of that path.
  int guards(const std::string& path) const { return guards_.held(path); }

  // Throws sqlite::Error or AppError; then nothing stays open that on_init_failure does not leave.
  std::unique_ptr<sqlite::Connection> connect(const Board& board, sqlite::Actor actor,
                                              sqlite::Affinity affinity);

 private:
  void watch_generation(sqlite::Connection& connection) const;
  // Throws AppError.
  void change_modes(const std::string& path) const;
  // As the setting header_check says. Throws AppError.
  void check_header(const std::string& path) const;
  void initialise(sqlite::Connection& connection, const std::string& path, bool first);
  // Whether an open of this path has succeeded before.
  bool opened_before(const std::string& path);
  void note_opened(const std::string& path);
  bool initialisation_fails(const std::string& path);

  const Settings& settings_;
  sqlite::ApiLedger& ledger_;
  std::function<void(std::unique_ptr<sqlite::Connection>)> failed_to_;
  LockGuards guards_;
  std::mutex mutex_;
  std::set<std::string> opened_;
  struct Failing {
    std::string path;
    std::int64_t left;  // 0: all
  };
  std::map<std::int64_t, Failing> failing_;  // by the fault's number
};

// The header check of setting `raw`: opens, reads 64 bytes, closes, all outside SQLite. The close drops every
// POSIX lock that this process holds on the file (sqlite.org/howtocorrupt.html, 2.2). Throws AppError.
void check_header_raw(const std::string& path);

}  // namespace walsoak::board
