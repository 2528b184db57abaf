// The API ledger: connections opened and closed, by database and actor. Only Connection counts here.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "harness/sqlite/actor.h"

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
  // Of a database that nobody opened: zeros.
  ApiCounts counts(const std::string& path) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ApiCounts> by_path_;
};

}  // namespace walsoak::sqlite
