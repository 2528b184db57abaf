// The gateway's event loop: timers, one descriptor to read from, and what other threads hand over. How late
// its timers fire is its lag: work that blocks it shows there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "harness/base/os/clock.h"
#include "harness/base/os/descriptor.h"

namespace walsoak::os {

// All but post() belongs to the thread that calls run().
class EventLoop {
 public:
  using Act = std::function<void()>;

  // The clock must outlive the loop. Throws std::system_error.
  explicit EventLoop(const Clock& clock);

  // Calls `on_readable` whenever the descriptor has something to read, until it is forgotten, which must
  // happen before it is closed.
  void watch(int descriptor, Act on_readable);
  void forget(int descriptor);
  // Calls `act` once, not before `due_us` (monotonic).
  void at(std::int64_t due_us, Act act);
  // Calls `act` on the loop's thread. From any thread.
  void post(Act act);

  // Until stop(), which acts of the loop call. What they throw passes through.
  void run();
  void stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

  // The worst lateness of a timer since the last call, in microseconds.
  std::int64_t take_lag_us();
  const Clock& clock() const { return clock_; }

 private:
  int poll_timeout_ms() const;
  void fire_timers();
  void take_posted();

  const Clock& clock_;
  Pipe wake_;
  std::map<int, Act> watched_;
  std::multimap<std::int64_t, Act> timers_;
  std::mutex mutex_;  // posted_
  std::vector<Act> posted_;
  bool stopped_ = false;
  std::int64_t lag_us_ = 0;
};

}  // namespace walsoak::os
