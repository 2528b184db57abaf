#include "harness/field/preload/sqlite/failures.h"

namespace walsoak::trace {
namespace {

constexpr std::int64_t kAllWritten = 100;
constexpr int kMost = 256;

Failure failures[kMost];
int failures_known = 0;

Failure* failure_of(Hook hook, int code, const void* caller) {
  for (int i = 0; i < failures_known; ++i) {
    Failure& failure = failures[i];
    if (failure.hook == hook && failure.code == code && failure.caller == caller) return &failure;
  }
  if (failures_known == kMost) return nullptr;
  failures[failures_known] = {hook, code, caller, 0, 0};
  return &failures[failures_known++];
}

}  // namespace

bool is_of_files(int code) {
  switch (code & 0xFF) {
    case 3:   // SQLITE_PERM
    case 5:   // SQLITE_BUSY
    case 6:   // SQLITE_LOCKED
    case 7:   // SQLITE_NOMEM
    case 8:   // SQLITE_READONLY
    case 10:  // SQLITE_IOERR
    case 11:  // SQLITE_CORRUPT
    case 13:  // SQLITE_FULL
    case 14:  // SQLITE_CANTOPEN
    case 15:  // SQLITE_PROTOCOL
    case 22:  // SQLITE_NOLFS
    case 26:  // SQLITE_NOTADB
      return true;
    default:
      return false;
  }
}

std::int64_t count_failure(Hook hook, int extended_code, const void* caller) {
  Failure* const failure = failure_of(hook, extended_code, caller);
  if (failure == nullptr) return 1;  // so many places cannot be a loop
  ++failure->times;
  ++failure->counted;
  const bool power_of_two = (failure->times & (failure->times - 1)) == 0;
  if (failure->times > kAllWritten && !power_of_two) return 0;
  const std::int64_t counted = failure->counted;
  failure->counted = 0;
  return counted;
}

bool take_counted_failure(Failure* failure) {
  for (int i = 0; i < failures_known; ++i) {
    if (failures[i].counted == 0) continue;
    *failure = failures[i];
    failures[i].counted = 0;
    return true;
  }
  return false;
}

void forget_failures() {
  failures_known = 0;
}

}  // namespace walsoak::trace
