// The calls that close a descriptor. Each does the real thing, and looks before and after it where the
// process holds a lock on the file that is closed.
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/field/preload/exported.h"
#include "harness/field/preload/lock_calls.h"
#include "harness/field/preload/losses.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/state.h"
#include "harness/field/preload/unseen.h"

namespace walsoak::trace {
namespace {

// Without a descriptor (open_memstream(3)) fileno() sets errno, which the call itself does not.
int descriptor_of_stream(FILE* stream) {
  const int error = errno;
  const int fd = fileno(stream);
  errno = error;
  return fd;
}

bool suspicious(int fd) {
  if (!tracing() || lock_table().empty()) return false;
  const Inside inside;
  return inside.first() && may_lose(fd);
}

bool suspicious_range() {
  if (!tracing() || lock_table().empty()) return false;
  const Inside inside;
  return inside.first() && own_process();
}

// Out of line: it needs more stack than a thread may want to spend on each close(). Errno is the call's.
template <typename Call>
__attribute__((noinline)) auto watched(const char* name, int fd, const void* caller, Call call) {
  Inside inside;
  Suspect suspect(name, fd, caller);
  return inside.done(call, [&](auto) { suspect.tell(); });
}

template <typename Call>
__attribute__((noinline)) auto watched(const char* name, unsigned first, unsigned last, const void* caller,
                                       Call call) {
  Inside inside;
  Suspect suspect(name, first, last, caller);
  return inside.done(call, [&](auto) { suspect.tell(); });
}

// The calls that may lose locks, made by syscall(): libuv closes so, and with it Node.
bool may_lose_by_number(long number) {
#ifdef SYS_dup2
  if (number == SYS_dup2) return true;
#endif
  return number == SYS_close || number == SYS_close_range || number == SYS_dup3 || number == SYS_fcntl ||
         number == SYS_io_uring_setup;
}

template <typename Call>
long numbered(long number, long first, long second, long third, const void* caller, Call call) {
  const auto one = static_cast<int>(first), two = static_cast<int>(second);
  if (number == SYS_close) return suspicious(one) ? watched("close", one, caller, call) : call();
  if (number == SYS_close_range) {
    const bool closes = (static_cast<unsigned>(third) & CLOSE_RANGE_CLOEXEC) == 0;
    if (!closes || !suspicious_range()) return call();
    return watched("close_range", static_cast<unsigned>(first), static_cast<unsigned>(second), caller, call);
  }
  if (number == SYS_fcntl) return controlled_by_number(one, two, reinterpret_cast<void*>(third), caller);
  if (number == SYS_io_uring_setup) {
    const long made = call();
    Inside inside;
    if (made >= 0 && tracing() && inside.first() && own_process()) {
      note_unseen(object_of(caller).path, "it has calls carried out by io_uring");
    }
    return made;
  }
  const char* const name = number == SYS_dup3 ? "dup3" : "dup2";
  return one != two && suspicious(two) ? watched(name, two, caller, call) : call();
}

__attribute__((noinline)) long looked_at(long number, long a, long b, long c, long d, long e, long f,
                                         const void* caller) {
  return numbered(number, a, b, c, caller, [&] { return real().syscall(number, a, b, c, d, e, f); });
}

}  // namespace

// As syscall(), with the arguments that it passes on: read as if all were there, so that all other calls end
// in a jump and the kernel gets what the caller gave.
extern "C" __attribute__((visibility("default"))) long any_call(long number, long a, long b, long c, long d,
                                                                long e, long f) __asm__("syscall");
long any_call(long number, long a, long b, long c, long d, long e, long f) {
  if (may_lose_by_number(number) && tracing()) {
    return looked_at(number, a, b, c, d, e, f, __builtin_return_address(0));
  }
  return real().syscall(number, a, b, c, d, e, f);
}

}  // namespace walsoak::trace

using walsoak::trace::descriptor_of_stream;
using walsoak::trace::real;
using walsoak::trace::suspicious;
using walsoak::trace::suspicious_range;
using walsoak::trace::watched;

WALSOAK_EXPORTED int close(int fd) {
  if (!suspicious(fd)) return real().close(fd);
  return watched("close", fd, __builtin_return_address(0), [&] { return real().close(fd); });
}

WALSOAK_EXPORTED int fclose(FILE* stream) {
  const int fd = descriptor_of_stream(stream);
  if (!suspicious(fd)) return real().fclose(stream);
  return watched("fclose", fd, __builtin_return_address(0), [&] { return real().fclose(stream); });
}

WALSOAK_EXPORTED FILE* freopen(const char* path, const char* mode, FILE* stream) {
  const int fd = descriptor_of_stream(stream);
  if (!suspicious(fd)) return real().freopen(path, mode, stream);
  return watched("freopen", fd, __builtin_return_address(0),
                 [&] { return real().freopen(path, mode, stream); });
}

WALSOAK_EXPORTED FILE* freopen64(const char* path, const char* mode, FILE* stream) {
  const int fd = descriptor_of_stream(stream);
  if (!suspicious(fd)) return real().freopen64(path, mode, stream);
  return watched("freopen64", fd, __builtin_return_address(0),
                 [&] { return real().freopen64(path, mode, stream); });
}

WALSOAK_EXPORTED int dup2(int from, int to) noexcept {
  if (from == to || !suspicious(to)) return real().dup2(from, to);
  return watched("dup2", to, __builtin_return_address(0), [&] { return real().dup2(from, to); });
}

WALSOAK_EXPORTED int dup3(int from, int to, int flags) noexcept {
  if (from == to || !suspicious(to)) return real().dup3(from, to, flags);
  return watched("dup3", to, __builtin_return_address(0), [&] { return real().dup3(from, to, flags); });
}

WALSOAK_EXPORTED int close_range(unsigned first, unsigned last, int flags) noexcept {
  const bool closes = (static_cast<unsigned>(flags) & CLOSE_RANGE_CLOEXEC) == 0;
  if (!closes || !suspicious_range()) return real().close_range(first, last, flags);
  return watched("close_range", first, last, __builtin_return_address(0),
                 [&] { return real().close_range(first, last, flags); });
}

WALSOAK_EXPORTED void closefrom(int first) noexcept {
  if (!suspicious_range()) {
    real().closefrom(first);
    return;
  }
  watched("closefrom", static_cast<unsigned>(first < 0 ? 0 : first), ~0U, __builtin_return_address(0), [&] {
    real().closefrom(first);
    return 0;
  });
}
