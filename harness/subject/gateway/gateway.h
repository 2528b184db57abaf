// The gateway under test: its boards, its strategy, and who goes through it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/boards/board/board.h"
#include "harness/boards/board/connect.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/model/vocabulary/settings.h"
#include "harness/subject/gateway/executors.h"
#include "strategies/strategy.h"

namespace walsoak::subject {

class Gateway final : public Host {
 public:
  using Work = Strategy::Work;

  Gateway(Settings settings, std::vector<board::Board> boards, sqlite::ApiLedger& ledger);

  const std::vector<board::Board>& boards() const { return boards_; }
  const Settings& settings() const override { return settings_; }

  // Whether an actor obtains its connections from the strategy (setting `scope`).
  bool in_scope(sqlite::Actor actor) const;
  // Setting run_on: the event loop does every step itself, on its own thread, and so owns the connections.
  bool on_loop() const { return settings_.run_on == RunOn::loop; }
  // The thread that an actor's step runs on, but for on_loop(): the dedicated one where the strategy asks for
  // it, else the pool's.
  NamedThread& thread_for(sqlite::Actor actor, std::int64_t pool_index);

  // Free-running: has `work` run where the actor's steps run. It must not throw.
  void post(sqlite::Actor actor, std::function<void()> work);

  // The boards whose main file is there now, as a dispatcher lists its folder.
  std::vector<board::Board> listed() const;
  // Tells the strategy, on the calling thread, of boards that were listed once and have vanished since.
  void forget_vanished();

  // Runs `work` on a connection to the board, through the strategy or, out of scope, on a connection of the
  // actor's own that is closed, or dropped where the setting says so. False where the strategy does no work.
  // Throws.
  bool use(const board::Board& board, sqlite::Actor actor, const Work& work);

  // Setting held_connection: one more connection on each board, opened and read from by the calling thread.
  void open_held();
  // Setting `statements` kept: leaves one statement of the connection unfinalized until the end, so that its
  // close makes a zombie of it. On the connection's own thread. Throws.
  void keep_statement(sqlite::Connection& connection);
  // Faults, each known by its number: connects that fail, and a connection with an open read transaction on
  // the board of that name, begun and ended by the same thread.
  board::Connector& connector() { return connector_; }
  void begin_read(std::int64_t fault, const std::string& board);
  void end_read(std::int64_t fault);

  // Frees what was dropped: a collection. Returns how many.
  std::size_t collect();
  // The end: strategy (on its thread), dropped and held ones. The calling thread must be that of open_held,
  // the loop's.
  void close_everything(std::int64_t pool_index);

  // A corrupt board is out of service until its fingerprint (path, mtime, size) changes.
  void disable(const board::Board& board);
  bool disabled(const board::Board& board);

  std::unique_ptr<sqlite::Connection> connect(const board::Board& board, sqlite::Actor actor) override;
  void drop(std::unique_ptr<sqlite::Connection> connection) override;
  void waited(std::int64_t us) override;
  Fingerprint fingerprint(const board::Board& board, FingerprintKind kind) const override;

 private:
  const Settings settings_;
  const std::vector<board::Board> boards_;
  sqlite::ApiLedger& ledger_;
  board::Connector connector_;
  const Declaration declaration_;
  std::mutex mutex_;  // dropped_, kept_ and disabled_
  std::vector<std::unique_ptr<sqlite::Connection>> dropped_;
  std::vector<sqlite3_stmt*> kept_;
  std::vector<std::optional<Fingerprint>> disabled_;
  std::vector<bool> vanished_;  // touched by dispatch steps only
  std::vector<std::unique_ptr<sqlite::Connection>> held_;
  std::map<std::int64_t, std::unique_ptr<sqlite::Connection>> readers_;  // by the fault's number
  Executors executors_;
  std::unique_ptr<Strategy> strategy_;
};

}  // namespace walsoak::subject
