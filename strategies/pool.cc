// pool: connections of all boards in one pool of `pool_size`. Setting `pool_mode`: lru keeps idle
// connections, the least recently used goes, and more may be in use at once (as proposed in #33927); borrowed
// makes borrowers wait, so that the peak is bounded (#83406).
#include <algorithm>
#include <condition_variable>
#include <list>
#include <mutex>

#include "harness/base/os/clock.h"
#include "strategies/strategy.h"

namespace walsoak {
namespace {

using Owned = std::unique_ptr<sqlite::Connection>;

void close_in_turn(Owned connection) {
  const sqlite::Connection::Turn turn(*connection);
  connection->close();
}

class Pool final : public Strategy {
 public:
  explicit Pool(Host& host) : host_(host), size_(host.settings().pool_size) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    Owned connection = take(board, actor);
    try {
      const sqlite::Connection::Turn turn(*connection);
      work(*connection);
    } catch (...) {
      give_back(board, std::move(connection));
      throw;
    }
    give_back(board, std::move(connection));
    return true;
  }

  void close_all() override {
    const std::lock_guard lock(mutex_);
    for (Idle& idle : idle_) close_in_turn(std::move(idle.connection));
    idle_.clear();
    open_ = 0;
  }

 private:
  struct Idle {
    std::size_t board;
    Owned connection;
  };

  Owned take(const board::Board& board, sqlite::Actor actor) {
    {
      std::unique_lock lock(mutex_);
      if (host_.settings().pool_mode == PoolMode::borrowed) wait_for_a_place(lock);
      const auto found = std::find_if(idle_.begin(), idle_.end(),
                                      [&](const Idle& idle) { return idle.board == board.index; });
      if (found != idle_.end()) {
        Owned connection = std::move(found->connection);
        idle_.erase(found);
        return connection;
      }
      make_room(size_ - 1);
      ++open_;
    }
    try {
      return host_.connect(board, actor);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      --open_;
      returned_.notify_one();
      throw;
    }
  }

  // For an idle connection, to be taken or to make room, or for fewer open ones than there may be.
  void wait_for_a_place(std::unique_lock<std::mutex>& lock) {
    const std::int64_t begin_us = os::system_clock().monotonic_us();
    returned_.wait(lock, [this] { return open_ < size_ || !idle_.empty(); });
    host_.waited(os::system_clock().monotonic_us() - begin_us);
  }

  void give_back(const board::Board& board, Owned connection) {
    const std::lock_guard lock(mutex_);
    idle_.push_front({board.index, std::move(connection)});
    make_room(size_);
    returned_.notify_one();
  }

  // Closes idle ones, the least recently used first, until no more than so many are open. Those in use stay.
  void make_room(std::int64_t most) {
    while (open_ > most && !idle_.empty()) {
      close_in_turn(std::move(idle_.back().connection));
      idle_.pop_back();
      --open_;
    }
  }

  Host& host_;
  const std::int64_t size_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::list<Idle> idle_;   // most recently used first
  std::int64_t open_ = 0;  // idle and in use
};

const Registration registration({.name = "pool",
                                 .summary = "connections of all boards in one pool of pool_size",
                                 .affinity = sqlite::Affinity::serialized,
                                 .holds_connections = true},
                                [](Host& host) { return std::make_unique<Pool>(host); });

}  // namespace
}  // namespace walsoak
