// The library's beginning in a program, and its end: finds out where events go, says which program this is,
// and at last which locks are gone that nobody saw going.
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/field/preload/channel.h"
#include "harness/field/preload/losses.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/state.h"

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

__attribute__((constructor)) void start() {
  const char* const path = getenv(kEventFileVariable);
  real();
  if (path == nullptr || !open_channel(path)) return;
  const char* const no_follow = getenv(kNoFollowVariable);
  if (no_follow != nullptr && strcmp(no_follow, "1") == 0) unsetenv(kEventFileVariable);
  pthread_atfork(nullptr, nullptr, forget_all);
  begin_tracing();
  Inside inside;
  say_program();
}

__attribute__((destructor)) void end() {
  const Inside inside;
  if (tracing() && inside.first() && own_process() && !lock_table().empty()) tell_unseen_of_all();
}

}  // namespace
}  // namespace walsoak::trace
