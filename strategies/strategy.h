// A strategy decides when the dispatcher's connections open and close and who uses them; nothing else. One
// .cc file in this folder is all that a new one needs: copy skeleton.cc.example, list it in CMakeLists.txt.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/boards/board/board.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/model/vocabulary/settings.h"

namespace walsoak {

// Where a strategy's work runs: on whichever thread of the default pool is free, or on one thread of its own.
enum class Executor { pool, dedicated };

// What a strategy needs from the house. The house reads this and never a strategy's name.
struct Declaration {
  std::string_view name;
  std::string_view summary;
  Executor executor = Executor::pool;
  sqlite::Affinity affinity = sqlite::Affinity::owner_thread;
  bool holds_connections = false;  // connections stay open between two uses
  bool drops_connections = false;  // connections are left to the collector
};

// What tells one state of a board's file from another: resolved path and either (device, inode) or (mtime,
// size).
struct Fingerprint {
  std::string path;
  std::int64_t first = 0;
  std::int64_t second = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// What the house offers to a strategy. Calls from any thread.
class Host {
 public:
  virtual ~Host() = default;
  // The field's connect(), header check and pragmas included, with the strategy's declared affinity. Throws.
  virtual std::unique_ptr<sqlite::Connection> connect(const board::Board& board, sqlite::Actor actor) = 0;
  // Takes a connection as a runtime takes an object that nobody refers to any more: closed by the next
  // collection.
  virtual void drop(std::unique_ptr<sqlite::Connection> connection) = 0;
  // Counts time that a use waited for a connection that others had.
  virtual void waited(std::int64_t us) = 0;
  // Of the file at the board's path now; all zero where there is none.
  virtual Fingerprint fingerprint(const board::Board& board, FingerprintKind kind) const = 0;
  virtual const Settings& settings() const = 0;
};

class Strategy {
 public:
  using Work = std::function<void(sqlite::Connection&)>;

  virtual ~Strategy() = default;

  // Runs `work` with a connection to the board, on the executor that the strategy declared. Exceptions of
  // connect() and of `work` pass through. False where the strategy does no work (noop).
  virtual bool use(const board::Board& board, sqlite::Actor actor, const Work& work) = 0;

  // The board is no longer listed: its file has gone. Called on the declared executor, before a dispatch
  // pass.
  virtual void forget(const board::Board&) {}

  // Closes all that it holds. Called once, at the end, on the declared executor (a pool's: any thread).
  virtual void close_all() {}
};

using StrategyFactory = std::function<std::unique_ptr<Strategy>(Host&)>;

// Registers a strategy before main(). A duplicate name ends the program with exit code 4: it is a bug.
class Registration {
 public:
  Registration(const Declaration& declaration, StrategyFactory factory);
};

// All strategies, by name. For all of them to be linked in, this folder is an OBJECT library.
std::vector<Declaration> declared_strategies();

// Throws std::invalid_argument for an unknown name.
Declaration declaration_of(std::string_view name);
std::unique_ptr<Strategy> make_strategy(std::string_view name, Host& host);

}  // namespace walsoak
