// Failed statements, counted by code and caller, so that a program that tries again and again does not fill
// the disk with events. Fixed memory; the caller sees to it that one thread uses it at a time.
#pragma once

#include <cstdint>

#include "harness/field/preload/sqlite/hooks.h"

namespace walsoak::trace {

// Whether a result is about files and locks (BUSY, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, ...) and not
// about the statement's text or the data (ERROR, CONSTRAINT, ...), which programs fail with as they work.
bool is_of_files(int code);

// One more; how many an event is to be written for now: one each at first, later more and more at a time. 0:
// it is counted, and no event is written.
std::int64_t count_failure(Hook hook, int extended_code, const void* caller);

struct Failure {
  Hook hook;
  int code;
  const void* caller;
  std::int64_t times;    // in all
  std::int64_t counted;  // without an event
};
// One with failures that no event was written for, which are taken for written from here on. False: none.
bool take_counted_failure(Failure* failure);

void forget_failures();

}  // namespace walsoak::trace
