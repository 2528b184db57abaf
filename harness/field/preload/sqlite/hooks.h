// The functions of SQLite's API that calls are looked at of. The library exports none of them: a program that
// asks whether SQLite is there, or which copy, gets the answer that it would get without the library.
#pragma once

namespace walsoak::trace {

struct sqlite3;  // never looked into
struct sqlite3_stmt;

enum Hook : int {
  kOpen,
  kOpen16,
  kOpenV2,
  kClose,
  kCloseV2,
  kPrepare,
  kPrepareV2,
  kPrepareV3,
  kPrepare16,
  kPrepare16V2,
  kPrepare16V3,
  kStep,
  kExec,
  kHooks
};

// kHooks where the function is none of them.
Hook hook_named(const char* name);
const char* name_of(Hook hook);

}  // namespace walsoak::trace
