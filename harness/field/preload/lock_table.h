// The POSIX locks in SQLite's byte ranges that this process took by fcntl(), as far as fcntl() told: who took
// them and through which descriptor, which the kernel does not tell. Fixed memory, no system calls; the
// caller sees to it that one thread uses it at a time (but for empty()).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

namespace walsoak::trace {

// Both ends included, as the kernel shows them.
struct ByteRange {
  std::uint64_t first;
  std::uint64_t last;
  bool overlaps(const ByteRange& other) const { return first <= other.last && other.first <= last; }
  bool inside(const ByteRange& other) const { return other.first <= first && last <= other.last; }
};

// sqlite3's os.h: PENDING_BYTE (0x40000000), RESERVED_BYTE and 510 shared bytes; os_unix.c: eight locks of
// the wal-index from byte 120 on, and the dead man's switch behind them.
inline constexpr ByteRange kMainRange{0x40000000, 0x40000000 + 511};
inline constexpr ByteRange kWalIndexRange{120, 128};
// The shared bytes; in front of them PENDING_BYTE and RESERVED_BYTE.
inline constexpr ByteRange kSharedRange{kMainRange.first + 2, kMainRange.last};
inline constexpr ByteRange kWritersRange{kMainRange.first, kMainRange.first + 1};

struct FileId {
  dev_t dev;
  ino_t ino;
  bool operator==(const FileId&) const = default;
};

struct HeldLock {
  FileId file;
  ByteRange range;
  bool write;
  bool wal_index;        // on a -shm, not on a database
  int fd;                // it was taken through
  std::uintptr_t owner;  // the object that called fcntl(): its first address; 0 where there is none
  std::uint64_t id;      // given by the table, never twice
  int releasing;         // how many calls of its owner that release it are under way
};

class LockTable {
 public:
  static constexpr int kMostLocks = 8192;

  // Without a lock of any kind: a thread that has just closed a file of its own only wants to know this much.
  bool empty() const { return count_.load(std::memory_order_relaxed) == 0; }

  // A lock that was taken; those of the same owner below it are replaced, as in the kernel. False where there
  // is no room, and then the lock is not known.
  bool add(HeldLock lock);
  // The owner is about to release this range, and has done so or failed.
  void begin_release(const FileId& file, const ByteRange& range, std::uintptr_t owner);
  void end_release(const FileId& file, const ByteRange& range, std::uintptr_t owner, bool released);
  bool holds(const FileId& file) const;
  // Whether the file is known for a -shm.
  bool holds_wal_index(const FileId& file) const;
  bool holds_for_others(const FileId& file, const ByteRange& range, std::uintptr_t owner) const;
  // Whether the lock is the one that the VFS unix-excl takes once for the whole process: the shared bytes for
  // writing. A transaction also holds RESERVED_BYTE or PENDING_BYTE.
  bool is_of_process(const HeldLock& lock) const;
  // Copies the locks of the file that overlap the range and returns how many there are, at most `most`.
  int list(const FileId& file, const ByteRange& range, HeldLock* out, int most) const;
  // One lock of each file, at most `most` files.
  int list_files(HeldLock* out, int most) const;
  // Removes a lock that is gone. False where its owner has released it, or does so now: then it was not lost.
  bool take_lost(const HeldLock& lock);
  void clear();

 private:
  static constexpr int kBuckets = 1024;
  // Indices are one above those of slots_, so that memory of zeros is an empty table.
  struct Slot {
    HeldLock lock;
    int next;
  };

  static int bucket_of(const FileId& file);
  int insert(const HeldLock& lock);
  void carve(const FileId& file, const ByteRange& range, std::uintptr_t owner);

  Slot slots_[kMostLocks];
  int buckets_[kBuckets];
  int free_;    // released slots
  int unused_;  // slots from here on were never used
  std::uint64_t last_id_;
  std::atomic<int> count_;
};

}  // namespace walsoak::trace
