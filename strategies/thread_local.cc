// thread-local: one cached connection a thread and board (as proposed in #32322 and #75269). A thread that
// ends closes nothing: its references go away, and its connections wait for the collector.
#include <map>
#include <mutex>

#include "strategies/strategy.h"

namespace walsoak {
namespace {

// What the threads hold, whichever outlives the other: the strategy, or one of the threads.
struct Caches {
  using OfThread = std::map<std::size_t, std::unique_ptr<sqlite::Connection>>;  // by the board's index

  explicit Caches(Host& of) : host(of) {}

  Host& host;
  std::mutex mutex;
  std::map<const void*, OfThread> by_thread;
};

// One in each thread that used a cache; its destructor is the thread's end. A thread's id would not do: the
// next thread may get the same.
class EndOfThread {
 public:
  EndOfThread() = default;
  ~EndOfThread() {
    for (const std::weak_ptr<Caches>& known : used_) {
      if (const auto caches = known.lock()) leave(*caches);
    }
  }
  EndOfThread(const EndOfThread&) = delete;
  EndOfThread& operator=(const EndOfThread&) = delete;

  void watch(const std::shared_ptr<Caches>& caches) { used_.push_back(caches); }

 private:
  void leave(Caches& caches) const {
    Caches::OfThread mine;
    {
      const std::lock_guard lock(caches.mutex);
      mine = std::move(caches.by_thread[this]);
      caches.by_thread.erase(this);
    }
    for (auto& [board, connection] : mine) {
      if (connection) caches.host.drop(std::move(connection));
    }
  }

  std::vector<std::weak_ptr<Caches>> used_;
};

thread_local EndOfThread end_of_thread;

class ThreadLocal final : public Strategy {
 public:
  explicit ThreadLocal(Host& host) : caches_(std::make_shared<Caches>(host)) {}

  bool use(const board::Board& board, sqlite::Actor actor, const Work& work) override {
    auto& connection = mine()[board.index];
    if (!connection) connection = caches_->host.connect(board, actor);
    work(*connection);
    return true;
  }

  void close_all() override {
    const std::lock_guard lock(caches_->mutex);
    for (auto& [thread, cache] : caches_->by_thread) {
      for (auto& [board, connection] : cache) {
        if (connection) connection->close();
      }
      cache.clear();  // the entry stays: its thread may live on
    }
  }

 private:
  // The calling thread's own cache, which no other thread touches until the end.
  Caches::OfThread& mine() {
    const std::lock_guard lock(caches_->mutex);
    const auto [entry, added] = caches_->by_thread.try_emplace(&end_of_thread);
    if (added) end_of_thread.watch(caches_);
    return entry->second;
  }

  const std::shared_ptr<Caches> caches_;
};

const Registration registration({.name = "thread-local",
                                 .summary = "one cached connection a thread and board",
                                 .affinity = sqlite::Affinity::any_thread_close,
                                 .holds_connections = true,
                                 .drops_connections = true},
                                [](Host& host) { return std::make_unique<ThreadLocal>(host); });

}  // namespace
}  // namespace walsoak
