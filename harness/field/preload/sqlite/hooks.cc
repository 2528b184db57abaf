#include "harness/field/preload/sqlite/hooks.h"

#include <string.h>

namespace walsoak::trace {
namespace {

constexpr const char* kNames[kHooks] = {"sqlite3_open",         "sqlite3_open16",       "sqlite3_open_v2",
                                        "sqlite3_close",        "sqlite3_close_v2",     "sqlite3_prepare",
                                        "sqlite3_prepare_v2",   "sqlite3_prepare_v3",   "sqlite3_prepare16",
                                        "sqlite3_prepare16_v2", "sqlite3_prepare16_v3", "sqlite3_step",
                                        "sqlite3_exec"};

}  // namespace

Hook hook_named(const char* name) {
  if (strncmp(name, "sqlite3_", 8) != 0) return kHooks;
  for (int hook = 0; hook < kHooks; ++hook) {
    if (strcmp(name, kNames[hook]) == 0) return static_cast<Hook>(hook);
  }
  return kHooks;
}

const char* name_of(Hook hook) {
  return kNames[hook];
}

}  // namespace walsoak::trace
