// The API ledger: connections opened and closed, by database and actor. Only Connection counts here.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "harness/boards/sqlite/actor.h"

namespace walsoak::sqlite {

struct ApiCounts {
  std::array<std::int64_t, kActors> opened{};
  std::array<std::int64_t, kActors> closed{};
  std::int64_t open() const;
};

// Thread-safe. A closed connection counts for the actor that opened it.
class ApiLedger {
 public:
  void count_open(const std::string& path, Actor actor);
  void count_close(const std::string& path, Actor actor);
  // A use of a connection on a thread that its affinity forbids, and a wait for a turn on a serialized one.
  void count_affinity_error() { ++affinity_errors_; }
  void count_lock_wait(std::int64_t us) { lock_wait_us_ += us; }
  std::int64_t affinity_errors() const { return affinity_errors_; }
  std::int64_t lock_wait_us() const { return lock_wait_us_; }
  // Of a database that nobody opened: zeros.
  ApiCounts counts(const std::string& path) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ApiCounts> by_path_;
  std::atomic<std::int64_t> affinity_errors_{0}, lock_wait_us_{0};
};

}  // namespace walsoak::sqlite
