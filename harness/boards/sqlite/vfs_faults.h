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
  std::int64_t number = 0;  // by which it is cleared
  VfsOperation operation = VfsOperation::write;
  VfsFileKind file = VfsFileKind::any;
  std::string database{};  // path of the main file; "" for every one
  std::int64_t after = 1;  // the first operation that fails, counted from when the fault is set
  std::int64_t count = 1;  // how many fail from then on; 0: all
  int code = 0;            // the (extended) result code that the operation returns
  bool spent = false;      // all of `count` have failed
};

// Thread-safe. Where several faults match an operation each counts it, and the first that is due names the
// code.
class VfsFaults {
 public:
  void set(VfsFault fault);
  void clear(std::int64_t number);
  // Whether any is set; a relaxed load.
  bool any() const { return any_.load(std::memory_order_relaxed); }
  // The code with which this operation must fail, or nothing. `database` is the main file's path.
  std::optional<int> due(VfsOperation operation, VfsFileKind file, std::string_view database);

 private:
  std::mutex mutex_;
  std::atomic<bool> any_{false};
  std::vector<VfsFault> faults_;
};

// Of the counting VFS of this process.
VfsFaults& vfs_faults();

}  // namespace walsoak::sqlite
