#include "harness/field/preload/state.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include <atomic>

#include "harness/field/preload/sqlite/connections.h"

namespace walsoak::trace {
namespace {

constexpr int kMostYields = 2000000;

// initial-exec: reading it never allocates, which it otherwise may in a library.
__attribute__((tls_model("initial-exec"))) thread_local int depth = 0;

std::atomic<bool> is_tracing{false};
std::atomic<int> busy{0};
std::atomic<pid_t> process{0};
LockTable locks;

}  // namespace

Inside::Inside() : first_(depth == 0), errno_(errno) {
  ++depth;
}

Inside::~Inside() {
  --depth;
  errno = errno_;
}

Turn::Turn() : taken_(false) {
  for (int yields = 0; yields < kMostYields; ++yields) {
    int nobody = 0;
    if (busy.compare_exchange_weak(nobody, 1, std::memory_order_acquire)) {
      taken_ = true;
      return;
    }
    sched_yield();
  }
  stop_tracing();
}

Turn::~Turn() {
  if (taken_) busy.store(0, std::memory_order_release);
}

bool tracing() {
  return is_tracing.load(std::memory_order_relaxed);
}
void stop_tracing() {
  is_tracing.store(false, std::memory_order_relaxed);
}
pid_t traced_pid() {
  return process.load(std::memory_order_relaxed);
}
bool own_process() {
  return getpid() == traced_pid();
}
LockTable& lock_table() {
  return locks;
}

void forget_parent() {
  const pid_t parent = traced_pid();
  busy.store(0, std::memory_order_relaxed);
  process.store(getpid(), std::memory_order_relaxed);
  locks.clear();
  inherit_connections(parent);
}

void begin_tracing() {
  process.store(getpid(), std::memory_order_relaxed);
  is_tracing.store(true, std::memory_order_relaxed);
}

}  // namespace walsoak::trace
