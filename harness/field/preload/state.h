// What the parts of the preloaded library share: whether it traces, whose turn it is, what is locked.
#pragma once

#include <errno.h>
#include <sys/types.h>

#include "harness/field/preload/lock_table.h"

namespace walsoak::trace {

// Marks this thread as being inside the library, so that a signal handler, or a function that the library
// itself calls, goes straight through. Errno is as before when it ends.
class Inside {
 public:
  Inside();
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;
  // False in a call within a call: then do nothing but the real thing.
  bool first() const { return first_; }

  // Does the real thing and what comes after it; errno is then as the real thing left it.
  template <typename Call, typename After>
  auto done(Call call, After after) {
    const auto result = call();
    errno_ = errno;
    after(result);
    return result;
  }

 private:
  bool first_;
  int errno_;
};

// The library's memory for as long as this lives; only within Inside. A turn that does not come (a thread
// that was killed, or a handler that jumped out) ends the tracing and never the program.
class Turn {
 public:
  Turn();
  ~Turn();
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool taken() const { return taken_; }

 private:
  bool taken_;
};

// Whether there is somebody to tell.
bool tracing();
void stop_tracing();
// Whether this is the process that the tables describe, and not a vfork child that runs in its memory.
bool own_process();
pid_t traced_pid();

LockTable& lock_table();

// Called once as the library starts.
void begin_tracing();
// Called in a child after fork(): locks are not inherited, and connections are said to be the parent's.
void forget_parent();

}  // namespace walsoak::trace
