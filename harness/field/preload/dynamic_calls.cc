// dlsym(): programs that load SQLite, or a plug-in that uses it, ask for its functions here.
#include <dlfcn.h>

#include "harness/field/preload/bindings.h"
#include "harness/field/preload/exported.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/sqlite/hooks.h"

// Every look-up but of SQLite's functions must end in a jump, not a call: the real dlsym() learns from its
// return address who asked (RTLD_NEXT).
WALSOAK_EXPORTED void* dlsym(void* handle, const char* name) noexcept {
  // A program that has loaded an object asks for a function of it before it calls one.
  walsoak::trace::bind_new_objects();
  if (walsoak::trace::hook_named(name) != walsoak::trace::kHooks) {
    void* const function = walsoak::trace::bound_by_handle(handle, name, __builtin_return_address(0));
    if (function != nullptr) return function;
  }
  const walsoak::trace::Dlsym function = walsoak::trace::real_dlsym();
  return function(handle, name);
}
