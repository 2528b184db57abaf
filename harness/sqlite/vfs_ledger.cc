#include "harness/sqlite/vfs_ledger.h"

namespace walsoak::sqlite {

void VfsCounts::Files::count_open() {
  ++opens;
  const std::int64_t now = ++open;
  std::int64_t seen = peak.load();
  while (now > seen && !peak.compare_exchange_weak(seen, now)) {
  }
}

VfsCounts& VfsLedger::of(std::string_view file) {
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    if (file.ends_with(suffix)) file.remove_suffix(suffix.size());
  }
  const std::lock_guard lock(mutex_);
  const auto found = by_main_.find(file);
  if (found != by_main_.end()) return *found->second;
  return *by_main_.emplace(std::string(file), std::make_unique<VfsCounts>()).first->second;
}

}  // namespace walsoak::sqlite
