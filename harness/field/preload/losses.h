// A lock loss: the process's lock on a database was there before a call, is gone after it, and SQLite did not
// ask for that.
#pragma once

#include "harness/field/preload/lock_table.h"

namespace walsoak::trace {

// Whether a call that closes this descriptor deserves a closer look: one fstat(2), and none where the process
// holds no lock in SQLite's ranges. Only within Inside.
bool may_lose(int fd);

// An owner is about to release a range of a database, or the program ends (`owner` 0: of whomever). Locks
// that are gone by now, taken away by a call that never came through this library, are told here at the
// latest. Only within Inside and outside a Turn; costs a system call for each lock on the file.
void tell_unseen(const FileId& file, const ByteRange& range, std::uintptr_t owner);
void tell_unseen_of_all();

// One call that may lose locks: made before it, told once it is over. On the stack of a thread that is inside
// such a call; made only where may_lose() said so, or where a range is closed and some lock is held.
class Suspect {
 public:
  // `caller` is the return address of the call, `fd` what it closes.
  Suspect(const char* call, int fd, const void* caller);
  // Closes every descriptor in a range.
  Suspect(const char* call, unsigned first, unsigned last, const void* caller);
  // Unlocks a range of the file: the locks of others than the caller are at stake.
  Suspect(const char* call, int fd, const ByteRange& unlocked, const void* caller);

  ~Suspect();
  Suspect(const Suspect&) = delete;
  Suspect& operator=(const Suspect&) = delete;

  // Looks again, and writes an event for each file of which locks are gone.
  void tell();

 private:
  static constexpr int kMostLocks = 64;
  static constexpr int kMostFiles = 32;
  struct SuspectFile {
    FileId id;
    int fd;      // through which the call reaches it
    char* path;  // read before the call
  };

  void look(int fd, bool unlocking);
  bool releases_by_close(const HeldLock& lock, int fd) const;
  void keep_those_in_kernel(int from);
  int asking_descriptor(const HeldLock& lock) const;
  void write_event(const SuspectFile& file, const HeldLock* lost, int count);

  const char* const call_;
  const std::uintptr_t caller_;
  const ByteRange range_;  // of bytes
  HeldLock held_[kMostLocks];
  int locks_ = 0;
  SuspectFile suspects_[kMostFiles];
  int files_ = 0;
  char* const paths_;  // kMostFiles of PATH_MAX bytes; nullptr: no memory
};

}  // namespace walsoak::trace
