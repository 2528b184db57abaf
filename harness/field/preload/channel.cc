#include "harness/field/preload/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "harness/field/preload/lock_table.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

// Above what a program counts on for itself, and below the smallest usual limit.
constexpr int kLeastDescriptor = 200;

char file_path[PATH_MAX];
FileId file_id;
std::atomic<int> descriptor{-1};

bool same_file(int fd) {
  struct stat status {};
  return fd >= 0 && fstat(fd, &status) == 0 && FileId{status.st_dev, status.st_ino} == file_id;
}

// Raw system calls throughout: nothing that this library does for itself may pass through itself.
int opened() {
  const auto low =
      static_cast<int>(syscall(SYS_openat, AT_FDCWD, file_path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY));
  if (low < 0) return -1;
  const auto high = static_cast<int>(syscall(SYS_fcntl, low, F_DUPFD_CLOEXEC, kLeastDescriptor));
  if (high < 0) return low;  // the limit is below
  syscall(SYS_close, low);
  return high;
}

// The program may have closed every descriptor (closefrom), or put another file at this number.
int usable_descriptor() {
  int fd = descriptor.load(std::memory_order_relaxed);
  if (same_file(fd)) return fd;
  fd = opened();
  if (!same_file(fd)) return -1;
  descriptor.store(fd, std::memory_order_relaxed);
  return fd;
}

std::int64_t now_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

}  // namespace

bool open_channel(const char* path) {
  if (strlen(path) >= sizeof file_path) return false;
  strcpy(file_path, path);
  const int fd = opened();
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0) return false;
  file_id = {status.st_dev, status.st_ino};
  descriptor.store(fd, std::memory_order_relaxed);
  return true;
}

char* Event::map() {
  void* const memory = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

Event::Event(const char* name)
    : memory_(map()),
      json_(memory_ == nullptr ? nowhere_ : memory_, memory_ == nullptr ? sizeof nowhere_ : kSize) {
  char thread[32] = "";
  prctl(PR_GET_NAME, thread);
  json_.add("event", name);
  json_.add_number("t_us", now_us());
  json_.add_number("pid", getpid());
  json_.add_number("tid", syscall(SYS_gettid));
  json_.add("thread", thread);
}

Event::~Event() {
  if (memory_ == nullptr) return;
  const std::size_t length = json_.finish();
  int fd = -1;
  {
    const Turn turn;
    if (turn.taken()) fd = usable_descriptor();
  }
  if (fd >= 0) {
    // A part of a line is what the reader skips; there is nobody to tell of an error.
    while (syscall(SYS_write, fd, memory_, length) < 0 && errno == EINTR) {
    }
  }
  munmap(memory_, kSize);
}

}  // namespace walsoak::trace
