// The VFS ledger: files that SQLite opened and closed, shared-memory maps, unlinks, syncs and bytes, by
// database. Only the counting VFS (counting_vfs.h) counts here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "harness/boards/sqlite/actor.h"

namespace walsoak::sqlite {

// What is open now and what ever happened, of one database. Thread-safe.
struct VfsCounts {
  // Open files of one kind: how many now, the most at once, and how often one was opened.
  struct Files {
    std::atomic<std::int64_t> open{0}, peak{0}, opens{0};
    // Around the real open and close: before the one and behind the other, so that two threads never hold
    // more files between them than the peak says.
    void begin_open();
    void end_open(bool opened) { opened ? ++opens : --open; }
    void count_close() { --open; }
  };
  Files main, wal, journal, shm;  // shm: connections that have it mapped
  std::array<std::atomic<std::int64_t>, kActors> wal_unlinks{}, journal_unlinks{};
  std::atomic<std::int64_t> syncs{0}, bytes_written{0}, bytes_read{0};
};

// The main file that `file` belongs to: itself, or the one whose -wal or -journal it is.
std::string_view main_file_of(std::string_view file);

// Thread-safe; entries are never removed, so a reference stays good.
class VfsLedger {
 public:
  // The counts of the database that `file` belongs to: a main file, or its -wal or -journal.
  VfsCounts& of(std::string_view file);

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<VfsCounts>, std::less<>> by_main_;
};

}  // namespace walsoak::sqlite
