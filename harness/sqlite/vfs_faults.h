// Faults that the counting VFS injects into operations of this process: what a full or a dying disk does to
// SQLite.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::sqlite {

enum class VfsOperation { write, read, sync, truncate, open, lock, shm_map };
enum class VfsFileKind { any, main, wal, journal };

struct VfsFault {
  VfsOperation operation = VfsOperation::write;
  VfsFileKind file = VfsFileKind::any;
  std::string database;    // path of the main file; "" for every one
  std::int64_t after = 1;  // the first operation that fails, counted from when the fault is set
  std::int64_t count = 1;  // how many fail from then on; 0: all
  int code = 0;            // the (extended) result code that the operation returns
};

// Thread-safe. While no fault is set an operation costs one relaxed load.
class VfsFaults {
 public:
  void set(VfsFault fault);
  void clear();
  // The code with which this operation must fail, or nothing. `database` is the main file's path.
  std::optional<int> due(VfsOperation operation, VfsFileKind file, std::string_view database);
  // Operations failed on purpose so far.
  std::int64_t injected() const;

 private:
  mutable std::mutex mutex_;
  std::atomic<bool> any_{false};
  std::vector<VfsFault> faults_;
  std::int64_t injected_ = 0;
};

// Of the counting VFS of this process.
VfsFaults& vfs_faults();

}  // namespace walsoak::sqlite
