// shared: one connection a board for all threads, behind a lock, kept for good (as proposed, and withdrawn,
// in #32226).
#include <map>
#include <mutex>

#include "strategies/strategy.h"

namespace walsoak {
namespace {

class Shared final : public Strategy {
 public:
  explicit Shared(Host& host) : host_(host) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    sqlite::Connection& connection = shared(board, actor);
    // Held over the whole use: turns at single statements would put two threads into one transaction.
    const sqlite::Connection::Turn turn(connection);
    work(connection);
    return true;
  }

  void close_all() override {
    for (const auto& [board, connection] : connections_) {
      const sqlite::Connection::Turn turn(*connection);
      connection->close();
    }
    connections_.clear();
  }

 private:
  sqlite::Connection& shared(const board::Board& board, sqlite::Actor actor) {
    const std::lock_guard lock(mutex_);
    auto& connection = connections_[board.index];
    if (!connection) connection = host_.connect(board, actor);
    return *connection;
  }

  Host& host_;
  std::mutex mutex_;
  std::map<std::size_t, std::unique_ptr<sqlite::Connection>> connections_;  // by the board's index
};

const Registration registration({.name = "shared",
                                 .summary = "one connection a board for all threads, behind a lock",
                                 .affinity = sqlite::Affinity::serialized,
                                 .holds_connections = true},
                                [](Host& host) { return std::make_unique<Shared>(host); });

}  // namespace
}  // namespace walsoak
