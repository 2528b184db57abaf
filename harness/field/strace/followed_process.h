// The descriptors and POSIX locks of one process, followed through its system calls from a snapshot on: which
// call takes a lock on a database away that SQLite did not ask to be taken.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/base/proc/descriptor_table.h"
#include "harness/field/preload/lock_table.h"
#include "harness/field/strace/strace_line.h"

namespace walsoak::trace {

// A call that took locks on one file away, by the kernel's rule (fcntl(2)): the close of any descriptor of a
// file drops all of the process's POSIX locks on it.
struct LockLoss {
  SystemCall call;
  std::string path;
  int fd = -1;  // that was closed
  std::vector<HeldLock> locks;
  bool wal_index() const { return locks.front().wal_index; }
};

class FollowedProcess {
 public:
  // The file that a path of the process leads to now; nothing where there is none.
  using Identify = std::function<std::optional<FileId>(const std::string& path)>;

  explicit FollowedProcess(Identify identify) : identify_(std::move(identify)) {}

  // The state from here on. Of calls that began before `at_us` nobody knows whether the snapshot has them:
  // they are followed, and lose nothing.
  void start(const std::vector<os::OpenDescriptor>& table, std::int64_t at_us);
  // Another program in the same process: these are its descriptors, and no lock is anybody's.
  void become(const std::vector<os::OpenDescriptor>& table);
  // A child as fork() leaves it: the same descriptors, no locks.
  FollowedProcess forked(Identify identify) const;

  // Follows a call, in the order of their ends. Returns what it lost, one entry a file.
  std::vector<LockLoss> apply(const SystemCall& call);

  // The locks were there all the time, after all: the kernel has them.
  void put_back(const LockLoss& loss);
  // Whether one of these locks is held, as far as calls tell.
  bool holds_again(const LockLoss& loss) const;
  // The paths of the databases with a lock.
  std::vector<std::string> locked() const;

 private:
  struct OpenFile {
    FileId file;
    std::string path;
    bool read_only = false;  // false: not, or not known
  };

  LockTable& locks();
  void note_descriptors(const std::vector<os::OpenDescriptor>& table);
  std::optional<FileId> identified(const std::string& path) const;
  void note_open(const ShownDescriptor& shown, bool read_only);
  void note_copy(const std::optional<ShownDescriptor>& from, std::int64_t to);
  std::optional<OpenFile> file_of(const ShownDescriptor& shown) const;
  void lose_by_close(const SystemCall& call, const ShownDescriptor& closed, std::vector<LockLoss>& losses);
  void close_range(const SystemCall& call, std::vector<LockLoss>& losses);
  void control(const SystemCall& call, std::vector<LockLoss>& losses);
  void unlock(const SystemCall& call, const OpenFile& open, int fd, const ByteRange& range,
              std::vector<LockLoss>& losses);
  std::uintptr_t owner_of(const SystemCall& call);
  void tell(const SystemCall& call, const OpenFile& open, int fd, const std::vector<HeldLock>& candidates,
            std::vector<LockLoss>& losses);

  Identify identify_;
  std::int64_t judged_from_us_ = 0;
  std::map<int, OpenFile> open_;
  std::unique_ptr<LockTable> locks_;  // none before the first lock
  std::map<std::string, std::uintptr_t> owners_;
};

// The databases that a process holds, by their -wal or a lock in SQLite's bytes.
std::set<std::string> databases_in(const std::vector<os::OpenDescriptor>& table);

// The frame that made the call: the first that is not the C library's. Nothing where there is no stack.
std::optional<StraceFrame> caller_of(const SystemCall& call);

}  // namespace walsoak::trace
