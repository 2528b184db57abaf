// fcntl() and lockf(): what SQLite locks is noted, and an unlocking by somebody else is looked at like a
// close.
#include "harness/field/preload/lock_calls.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/field/preload/exported.h"
#include "harness/field/preload/kernel_locks.h"
#include "harness/field/preload/losses.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/sqlite/connections.h"
#include "harness/field/preload/state.h"

static_assert(sizeof(struct flock) == sizeof(struct flock64) && F_SETLK == F_SETLK64,
              "fcntl and fcntl64 are one call where file offsets have 64 bits");

namespace walsoak::trace {
namespace {

using Fcntl = int (*)(int, int, ...);

// What is no pointer, such as a small number, is answered for by the kernel (EFAULT): below this address
// nothing is ever mapped (/proc/sys/vm/mmap_min_addr).
constexpr std::uintptr_t kLeastAddress = 65536;

bool is_pointer(const struct flock* request) {
  return reinterpret_cast<std::uintptr_t>(request) >= kLeastAddress;
}

// The bytes of a lock request (fcntl(2)). False where they cannot be told.
bool bytes_of(int fd, const struct flock& request, ByteRange* range) {
  off_t from = request.l_start;
  if (request.l_whence == SEEK_CUR) from += lseek(fd, 0, SEEK_CUR);
  if (request.l_whence == SEEK_END) {
    struct stat status {};
    if (fstat(fd, &status) != 0) return false;
    from += status.st_size;
  }
  off_t length = request.l_len;
  if (length < 0) {
    from += length;
    length = -length;
  }
  if (from < 0) return false;
  range->first = static_cast<std::uint64_t>(from);
  range->last = length == 0 ? ~std::uint64_t{0} : range->first + static_cast<std::uint64_t>(length) - 1;
  return true;
}

bool is_wal_index(int fd) {
  char path[PATH_MAX];
  read_path(fd, path, sizeof path);
  if (char* const deleted = strstr(path, " (deleted)")) *deleted = '\0';
  const std::size_t end = strlen(path);
  return end > 4 && strcmp(path + end - 4, "-shm") == 0;
}

// By the lock on its last byte, which each process with a connection holds: each transaction takes several
// more.
bool known_wal_index(const FileId& file) {
  const Turn turn;
  return turn.taken() && lock_table().holds_wal_index(file);
}

// A lock was taken. Others than SQLite's, such as one on a whole file, are nobody's business.
__attribute__((noinline)) void note_lock(int fd, const struct flock& request, const void* caller) {
  ByteRange range{};
  if (!bytes_of(fd, request, &range)) return;
  if (!range.inside(kWalIndexRange) && !range.inside(kMainRange)) return;
  struct stat status {};
  if (fstat(fd, &status) != 0 || !own_process()) return;
  const FileId file{status.st_dev, status.st_ino};
  const bool wal_index = range.inside(kWalIndexRange) && (known_wal_index(file) || is_wal_index(fd));
  if (!wal_index && !range.inside(kMainRange)) return;
  const LoadedObject owner = object_of(caller);
  {
    const Turn turn;
    if (!turn.taken()) return;
    lock_table().add({file, range, request.l_type == F_WRLCK, wal_index, fd, owner.first, 0, 0});
  }
  note_locker(owner);
}

// SQLite locks over a lock that it believes to hold, as before its last close: behind that, nobody could tell
// any more.
__attribute__((noinline)) void look_below(int fd, const struct flock& request, const void* caller) {
  const Inside inside;
  struct stat status {};
  ByteRange range{};
  if (!inside.first() || !bytes_of(fd, request, &range) || !range.overlaps(kMainRange)) return;
  if (fstat(fd, &status) != 0 || !own_process()) return;
  tell_unseen({status.st_dev, status.st_ino}, range, object_of(caller).first);
}

__attribute__((noinline)) int unlocked(Fcntl function, const char* name, int fd, int command,
                                       struct flock* request, const void* caller) {
  Inside inside;
  struct stat status {};
  ByteRange range{};
  const std::uintptr_t owner = object_of(caller).first;
  const bool known =
      inside.first() && bytes_of(fd, *request, &range) && fstat(fd, &status) == 0 && own_process();
  const FileId file{status.st_dev, status.st_ino};
  // Of a wal-index each transaction releases several.
  if (known && range.overlaps(kMainRange)) tell_unseen(file, range, owner);
  bool others = false;
  if (known) {
    const Turn turn;
    if (turn.taken()) {
      lock_table().begin_release(file, range, owner);
      others = lock_table().holds_for_others(file, range, owner);
    }
  }
  const auto release = [&] { return function(fd, command, request); };
  const auto note = [&](int result) {
    if (!known) return;  // from a signal handler the turn may be this thread's own
    const Turn turn;
    if (turn.taken()) lock_table().end_release(file, range, owner, result == 0);
  };
  if (!others) return inside.done(release, note);
  Suspect suspect(name, fd, range, caller);
  return inside.done(release, [&](int result) {
    note(result);
    suspect.tell();
  });
}

int controlled(Fcntl function, const char* name, int fd, int command, void* argument, const void* caller) {
  auto* const request = static_cast<struct flock*>(argument);
  if ((command != F_SETLK && command != F_SETLKW) || !tracing() || !is_pointer(request)) {
    return function(fd, command, argument);
  }
  if (request->l_type == F_UNLCK) {
    if (lock_table().empty()) return function(fd, command, argument);
    return unlocked(function, name, fd, command, request, caller);
  }
  const struct flock wanted = *request;
  if (!lock_table().empty()) look_below(fd, wanted, caller);
  const int result = function(fd, command, argument);
  if (result != 0) return result;
  const Inside inside;
  if (inside.first()) note_lock(fd, wanted, caller);
  return result;
}

template <typename Call>
int unlocked_by_lockf(const char* name, int fd, int command, off_t length, Call call) {
  if (command != F_ULOCK || !tracing() || lock_table().empty()) return call();
  Inside inside;
  struct flock request {};
  request.l_whence = SEEK_CUR;
  request.l_len = length;
  ByteRange range{};
  if (!inside.first() || !may_lose(fd) || !bytes_of(fd, request, &range))
    return inside.done(call, [](int) {});
  // Whoever calls lockf(), it is not SQLite.
  Suspect suspect(name, fd, range, nullptr);
  return inside.done(call, [&](int) { suspect.tell(); });
}

}  // namespace

int controlled_by_number(int fd, int command, void* argument, const void* caller) {
  return controlled(real().fcntl, "fcntl", fd, command, argument, caller);
}

}  // namespace walsoak::trace

using walsoak::trace::controlled;
using walsoak::trace::real;
using walsoak::trace::unlocked_by_lockf;

// Every command's argument is passed on as a pointer, as glibc does itself.
WALSOAK_EXPORTED int fcntl(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return controlled(real().fcntl, "fcntl", fd, command, argument, __builtin_return_address(0));
}

WALSOAK_EXPORTED int fcntl64(int fd, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  return controlled(real().fcntl64, "fcntl", fd, command, argument, __builtin_return_address(0));
}

WALSOAK_EXPORTED int lockf(int fd, int command, off_t length) {
  return unlocked_by_lockf("lockf", fd, command, length, [&] { return real().lockf(fd, command, length); });
}

WALSOAK_EXPORTED int lockf64(int fd, int command, off64_t length) {
  return unlocked_by_lockf("lockf64", fd, command, length,
                           [&] { return real().lockf64(fd, command, length); });
}
