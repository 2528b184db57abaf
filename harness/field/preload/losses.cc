#include "harness/field/preload/losses.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

#include "harness/field/preload/channel.h"
#include "harness/field/preload/kernel_locks.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/sqlite/copies.h"
#include "harness/field/preload/stack.h"
#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

constexpr ByteRange kEveryByte{0, ~std::uint64_t{0}};

bool file_of(int fd, FileId* file) {
  struct stat status {};
  if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) return false;
  *file = {status.st_dev, status.st_ino};
  return true;
}

ByteRange overlap(const ByteRange& one, const ByteRange& other) {
  return {one.first > other.first ? one.first : other.first, one.last < other.last ? one.last : other.last};
}

char* map_paths(int count) {
  void* const area = mmap(nullptr, static_cast<std::size_t>(count) * PATH_MAX, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return area == MAP_FAILED ? nullptr : static_cast<char*>(area);
}

// `placed`: this thread makes the call.
void write_loss(const char* call, const char* path, int fd, const HeldLock* lost, int count, bool placed) {
  Event event("lock_loss");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  json->add("path", path);
  json->add("file", lost[0].wal_index ? "shm" : "main");
  json->add("call", call);
  json->add_number("fd", fd);
  json->add_flag("guarded", ofd_lock_on(lost[0].file));
  if (json->open_list("locks")) {
    for (int i = 0; i < count; ++i) {
      json->open_item();
      json->add_number("first", static_cast<std::int64_t>(lost[i].range.first));
      json->add_number("last", static_cast<std::int64_t>(lost[i].range.last));
      json->add("mode", lost[i].write ? "write" : "read");
      json->add_number("fd", lost[i].fd);
      if (!json->close_item()) break;
    }
    json->close_list();
  }
  if (placed) {
    add_place(*json);
  } else if (json->open_list("stack")) {
    json->close_list();
  }
}

}  // namespace

bool may_lose(int fd) {
  FileId file{};
  // A child by _Fork() has the tables of its parent, and maybe the turn of a thread that it has not.
  if (lock_table().empty() || !own_process() || !file_of(fd, &file)) return false;
  const Turn turn;
  return turn.taken() && lock_table().holds(file);
}

Suspect::Suspect(const char* call, int fd, const void* caller)
    : call_(call), caller_(object_of(caller).first), range_(kEveryByte), paths_(map_paths(kMostFiles)) {
  look(fd, false);
}

Suspect::Suspect(const char* call, int fd, const ByteRange& unlocked, const void* caller)
    : call_(call), caller_(object_of(caller).first), range_(unlocked), paths_(map_paths(kMostFiles)) {
  look(fd, true);
}

Suspect::Suspect(const char* call, unsigned first, unsigned last, const void* caller)
    : call_(call), caller_(object_of(caller).first), range_(kEveryByte), paths_(map_paths(kMostFiles)) {
  HeldLock known[kMostFiles];
  int count = 0;
  {
    if (own_process()) {
      const Turn turn;
      if (turn.taken()) count = lock_table().list_files(known, kMostFiles);
    }
  }
  for (int i = 0; i < count; ++i) {
    const int fd = descriptor_of(known[i].file, first, last);
    if (fd >= 0) look(fd, false);
  }
}

Suspect::~Suspect() {
  if (paths_ != nullptr) munmap(paths_, static_cast<std::size_t>(kMostFiles) * PATH_MAX);
}

// The last close of SQLite releases these by the close itself, without unlocking first: the lock on the last
// byte of the -shm, and that of the VFS unix-excl, each closed through the descriptor that took it.
// Connections of unix-excl that are closed before the last one leave their descriptors open for then, and the
// one that took the lock need not be the first to go. A SQLite library closes no other descriptors; where
// SQLite is linked into the program, the program's own reading of the file is by a descriptor that cannot
// write.
bool Suspect::releases_by_close(const HeldLock& lock, int fd) const {
  if (lock.wal_index) return lock.fd == fd;
  {
    const Turn turn;
    if (!turn.taken() || !lock_table().is_of_process(lock)) return false;
  }
  return lock.fd == fd || is_seen_copy(lock.owner) || (syscall(SYS_fcntl, fd, F_GETFL) & O_ACCMODE) == O_RDWR;
}

// Adds the locks on the file of `fd` that the call would take away from somebody.
void Suspect::look(int fd, bool unlocking) {
  FileId file{};
  if (paths_ == nullptr || files_ == kMostFiles || !file_of(fd, &file)) return;
  const int from = locks_;
  {
    const Turn turn;
    if (!turn.taken()) return;
    locks_ += lock_table().list(file, range_, held_ + locks_, kMostLocks - locks_);
  }
  int kept = from;
  for (int i = from; i < locks_; ++i) {
    const HeldLock& lock = held_[i];
    const bool own = lock.owner == caller_;
    if (own && unlocking) continue;  // the owner itself asked for it
    if (own && releases_by_close(lock, fd)) {
      // Forgotten now: where inodes are not used again (tmpfs), one would stay for each last close.
      const Turn turn;
      if (turn.taken()) lock_table().take_lost(lock);
      continue;
    }
    held_[kept++] = lock;
  }
  locks_ = kept;
  if (locks_ == from) return;
  char* const path = paths_ + static_cast<std::ptrdiff_t>(files_) * PATH_MAX;
  suspects_[files_++] = {file, fd, path};
  keep_those_in_kernel(from);
  if (locks_ > from) read_path(fd, path, PATH_MAX);
}

// The table may be behind: whatever closed a descriptor by a raw system call was not seen.
void Suspect::keep_those_in_kernel(int from) {
  int kept = from;
  for (int i = from; i < locks_; ++i) {
    const HeldLock& lock = held_[i];
    if (in_kernel(lock, overlap(lock.range, range_), asking_descriptor(lock)) == InKernel::yes) {
      held_[kept++] = lock;
    }
  }
  locks_ = kept;
}

// One of the file, if one is known, through which the kernel can be asked about the lock.
int Suspect::asking_descriptor(const HeldLock& lock) const {
  FileId file{};
  if (file_of(lock.fd, &file) && file == lock.file) return lock.fd;
  for (int i = 0; i < files_; ++i) {
    if (suspects_[i].id == lock.file) return suspects_[i].fd;
  }
  return -1;
}

void Suspect::tell() {
  HeldLock lost[kMostLocks];
  for (int f = 0; f < files_; ++f) {
    int gone = 0;
    for (int i = 0; i < locks_; ++i) {
      const HeldLock& lock = held_[i];
      if (!(lock.file == suspects_[f].id)) continue;
      if (in_kernel(lock, overlap(lock.range, range_), asking_descriptor(lock)) != InKernel::no) continue;
      const Turn turn;
      if (turn.taken() && lock_table().take_lost(lock)) lost[gone++] = lock;
    }
    if (gone > 0) write_event(suspects_[f], lost, gone);
  }
}

void Suspect::write_event(const SuspectFile& file, const HeldLock* lost, int count) {
  write_loss(call_, file.path, file.fd, lost, count, true);
}

void tell_unseen(const FileId& file, const ByteRange& range, std::uintptr_t owner) {
  constexpr int kMost = 16;
  HeldLock held[kMost];
  HeldLock lost[kMost];
  int count = 0;
  {
    const Turn turn;
    if (turn.taken()) count = lock_table().list(file, range, held, kMost);
  }
  int gone = 0;
  for (int i = 0; i < count; ++i) {
    const HeldLock& lock = held[i];
    if (lock.wal_index || lock.releasing > 0 || (owner != 0 && lock.owner != owner)) continue;
    if (in_kernel(lock, lock.range, lock.fd) != InKernel::no) continue;
    const Turn turn;
    if (turn.taken() && lock_table().take_lost(lock)) lost[gone++] = lock;
  }
  if (gone == 0) return;
  char path[PATH_MAX] = "";
  FileId now{};
  if (file_of(lost[0].fd, &now) && now == file) read_path(lost[0].fd, path, sizeof path);
  write_loss(kUnseenCall, path, lost[0].fd, lost, gone, false);
}

void tell_unseen_of_all() {
  constexpr int kMost = 64;
  HeldLock known[kMost];
  int count = 0;
  {
    const Turn turn;
    if (turn.taken() && own_process()) count = lock_table().list_files(known, kMost);
  }
  for (int i = 0; i < count; ++i) tell_unseen(known[i].file, kMainRange, 0);
}

}  // namespace walsoak::trace
