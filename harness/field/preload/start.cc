// The library's beginning in a program, and its end: finds out where events go, says which program this is,
// and at last which locks are gone that nobody saw going.
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/field/preload/bindings.h"
#include "harness/field/preload/channel.h"
#include "harness/field/preload/exported.h"
#include "harness/field/preload/losses.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/sqlite/connections.h"
#include "harness/field/preload/state.h"
#include "harness/field/preload/unseen.h"

namespace walsoak::trace {
namespace {

void say_program() {
  char path[PATH_MAX];
  read_own_path(path, sizeof path);
  Event event("process");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  json->add_number("schema_version", 1);
  json->add("program", path);
  json->add_number("parent", getppid());
}

void begin_child() {
  const pid_t parent = traced_pid();
  forget_parent();
  Inside inside;
  if (!tracing() || !inside.first()) return;
  Event event("fork");
  if (JsonText* const json = event.json()) json->add_number("parent", parent);
}

__attribute__((constructor)) void start() {
  const char* const path = getenv(kEventFileVariable);
  real();
  if (path == nullptr || !open_channel(path)) return;
  const char* const no_follow = getenv(kNoFollowVariable);
  if (no_follow != nullptr && strcmp(no_follow, "1") == 0) unsetenv(kEventFileVariable);
  pthread_atfork(nullptr, nullptr, begin_child);
  begin_tracing();
  {
    Inside inside;
    say_program();
  }
  bind_new_objects();
}

// Without it a reader knows that the process was killed, or became another program.
__attribute__((destructor)) void end() {
  const Inside inside;
  if (!tracing() || !inside.first() || !own_process()) return;
  if (!lock_table().empty()) tell_unseen_of_all();
  write_counted_statements();
  note_other_namespaces();
  const Event event("end");
}

}  // namespace
}  // namespace walsoak::trace

WALSOAK_EXPORTED __attribute__((noreturn)) void _exit(int status) {
  walsoak::trace::end();
  walsoak::trace::real().exit(status);
  __builtin_unreachable();
}

WALSOAK_EXPORTED __attribute__((noreturn)) void _Exit(int status) noexcept {
  walsoak::trace::end();
  walsoak::trace::real().exit(status);
  __builtin_unreachable();
}
