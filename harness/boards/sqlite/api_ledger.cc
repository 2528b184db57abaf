#include "harness/boards/sqlite/api_ledger.h"

#include <numeric>

namespace walsoak::sqlite {

std::int64_t ApiCounts::open() const {
  return std::accumulate(opened.begin(), opened.end(), std::int64_t{0}) -
         std::accumulate(closed.begin(), closed.end(), std::int64_t{0});
}

void ApiLedger::count_open(const std::string& path, Actor actor) {
  const std::lock_guard lock(mutex_);
  ++by_path_[path].opened[static_cast<std::size_t>(actor)];
}

void ApiLedger::count_close(const std::string& path, Actor actor) {
  const std::lock_guard lock(mutex_);
  ++by_path_[path].closed[static_cast<std::size_t>(actor)];
}

ApiCounts ApiLedger::counts(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? ApiCounts{} : found->second;
}

}  // namespace walsoak::sqlite
