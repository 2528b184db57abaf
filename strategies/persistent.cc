// persistent: one cached connection a board on a thread of its own, reopened when the board's fingerprint
// changes (as proposed in #31736; setting `fingerprint` chooses mtime-size as proposed, or inode).
#include <algorithm>
#include <list>

#include "strategies/strategy.h"
#ifdef WALSOAK_SABOTAGE
#include "tests/sabotage/sabotage.h"  // a test's own build of this file alone
#endif

namespace walsoak {
namespace {

struct Cached {
  std::size_t board;
  Fingerprint fingerprint;
  std::unique_ptr<sqlite::Connection> connection;
};

class Persistent final : public Strategy {
 public:
  explicit Persistent(Host& host) : host_(host) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    sqlite::Connection& connection = cached(board, actor);
    try {
      work(connection);
    } catch (const sqlite::Error& error) {
      // A corrupt board's connection is of no more use; the dispatcher itself keeps the board out of service.
      if (error.corrupt()) forget(board);
      throw;
    }
#ifdef WALSOAK_SABOTAGE
    sabotage_.after_use(host_, board, actor);
#endif
    return true;
  }

  void forget(const board::Board& board) override {
    const auto found = find(board);
    if (found == cache_.end()) return;
    found->connection->close();
    cache_.erase(found);
  }

  void close_all() override {
    for (Cached& entry : cache_) entry.connection->close();
    cache_.clear();
  }

 private:
  sqlite::Connection& cached(const board::Board& board, sqlite::Actor actor) {
    const auto found = find(board);
    if (found != cache_.end()) {
      if (found->fingerprint == host_.fingerprint(board, host_.settings().fingerprint)) {
        cache_.splice(cache_.begin(), cache_, found);  // most recently used first
        return *found->connection;
      }
      forget(board);
    }
    const auto bound = static_cast<std::size_t>(host_.settings().max_cached_connections);
    while (bound > 0 && cache_.size() >= bound) {
      cache_.back().connection->close();
      cache_.pop_back();
    }
    auto connection = host_.connect(board, actor);
    const Fingerprint fingerprint = host_.fingerprint(board, host_.settings().fingerprint);
    cache_.push_front({board.index, fingerprint, std::move(connection)});
    return *cache_.front().connection;
  }

  std::list<Cached>::iterator find(const board::Board& board) {
    return std::find_if(cache_.begin(), cache_.end(),
                        [&](const Cached& entry) { return entry.board == board.index; });
  }

  Host& host_;
  std::list<Cached> cache_;
#ifdef WALSOAK_SABOTAGE
  sabotage::WALSOAK_SABOTAGE sabotage_;
#endif
};

const Registration registration({.name = "persistent",
                                 .summary = "one cached connection a board on the thread kanban-dispatcher",
                                 .executor = Executor::dedicated,
                                 .holds_connections = true},
                                [](Host& host) { return std::make_unique<Persistent>(host); });

}  // namespace
}  // namespace walsoak
