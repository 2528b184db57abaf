#include "harness/field/preload/kernel_locks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

bool is_file(int fd, const FileId& file) {
  struct stat status {};
  return fd >= 0 && fstat(fd, &status) == 0 && FileId{status.st_dev, status.st_ino} == file;
}

void append_number(char* text, int number) {
  char digits[16];
  char* first = digits + sizeof digits;
  *--first = '\0';
  do {
    *--first = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  strcat(text, first);
}

struct Entry {  // getdents64(2)
  std::uint64_t ino;
  std::int64_t off;
  unsigned short reclen;
  unsigned char type;
  char name[1];
};

// Calls visit(fd) for each descriptor of the process until it returns true. False where they cannot be
// listed. "self" would be empty where the first thread has ended.
template <typename Visit>
bool each_descriptor(Visit visit) {
  const auto folder = static_cast<int>(
      syscall(SYS_openat, AT_FDCWD, "/proc/thread-self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder < 0) return false;
  alignas(Entry) char chunk[2048];
  bool done = false;
  long got = 0;
  while (!done && (got = syscall(SYS_getdents64, folder, chunk, sizeof chunk)) > 0) {
    for (long at = 0; at < got && !done;) {
      const Entry* const entry = reinterpret_cast<const Entry*>(chunk + at);
      at += entry->reclen;
      const char* const name = chunk + (reinterpret_cast<const char*>(entry) - chunk) + offsetof(Entry, name);
      if (name[0] < '0' || name[0] > '9') continue;
      const int fd = atoi(name);
      if (fd != folder) done = visit(fd);
    }
  }
  syscall(SYS_close, folder);
  return got >= 0;
}

// Calls visit(line) for each line of /proc/thread-self/fdinfo/<fd>. False where it cannot be read.
template <typename Visit>
bool each_line(int fd, Visit visit) {
  char path[64] = "/proc/thread-self/fdinfo/";
  append_number(path, fd);
  const auto info = static_cast<int>(syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC));
  if (info < 0) return false;
  char text[1024];
  std::size_t held = 0;
  long got = 0;
  while ((got = syscall(SYS_read, info, text + held, sizeof text - 1 - held)) > 0) {
    held += static_cast<std::size_t>(got);
    text[held] = '\0';
    char* line = text;
    for (char* end; (end = strchr(line, '\n')) != nullptr; line = end + 1) {
      *end = '\0';
      visit(line);
    }
    held -= static_cast<std::size_t>(line - text);
    memmove(text, line, held);
    if (held == sizeof text - 1) held = 0;  // no line that is known is this long
  }
  syscall(SYS_close, info);
  return got == 0;
}

// "lock:\t1: POSIX  ADVISORY  READ 1234 08:01:5678 1073741826 1073742335", or OFDLCK; the end may be EOF.
bool lock_overlaps(const char* line, const char* kind, const ByteRange& range) {
  if (strncmp(line, "lock:", 5) != 0 || strstr(line, kind) == nullptr) return false;
  const char* const inode = strrchr(line, ':');
  const char* const first = inode == nullptr ? nullptr : strchr(inode, ' ');
  if (first == nullptr) return false;
  char* last = nullptr;
  ByteRange held{strtoull(first, &last, 10), 0};
  while (*last == ' ') ++last;
  held.last = strncmp(last, "EOF", 3) == 0 ? ~std::uint64_t{0} : strtoull(last, nullptr, 10);
  return held.overlaps(range);
}

InKernel listed(const FileId& file, const char* kind, const ByteRange& range) {
  bool found = false;
  bool readable = true;
  const bool all = each_descriptor([&](int fd) {
    if (!is_file(fd, file)) return false;
    const bool read = each_line(fd, [&](const char* line) { found |= lock_overlaps(line, kind, range); });
    // One that was closed meanwhile has no locks any more.
    if (!read && is_file(fd, file)) readable = false;
    return found;
  });
  if (found) return InKernel::yes;
  return all && readable ? InKernel::no : InKernel::unknown;
}

}  // namespace

InKernel in_kernel(const HeldLock& lock, const ByteRange& range, int fd) {
  if (is_file(fd, lock.file)) {
    struct flock probe {};
    probe.l_type = F_WRLCK;
    probe.l_whence = SEEK_SET;
    probe.l_start = static_cast<off_t>(range.first);
    probe.l_len = static_cast<off_t>(range.last - range.first + 1);
    if (syscall(SYS_fcntl, fd, F_OFD_GETLK, &probe) == 0) {
      if (probe.l_type == F_UNLCK) return InKernel::no;
      if (probe.l_pid == traced_pid()) return InKernel::yes;
    }
  }
  return listed(lock.file, " POSIX ", range);
}

bool ofd_lock_on(const FileId& file) {
  return listed(file, " OFDLCK ", kMainRange) == InKernel::yes;
}

int descriptor_of(const FileId& file, unsigned first, unsigned last) {
  int found = -1;
  each_descriptor([&](int fd) {
    if (static_cast<unsigned>(fd) < first || static_cast<unsigned>(fd) > last || !is_file(fd, file)) {
      return false;
    }
    found = fd;
    return true;
  });
  return found;
}

void read_path(int fd, char* path, std::size_t size) {
  char link[64] = "/proc/thread-self/fd/";
  append_number(link, fd);
  const long got = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
  path[got > 0 ? got : 0] = '\0';
}

}  // namespace walsoak::trace
