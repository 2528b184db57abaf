#include "harness/boards/sqlite/vfs_ledger.h"

namespace walsoak::sqlite {

void VfsCounts::Files::begin_open() {
  const std::int64_t now = ++open;
  std::int64_t seen = peak.load();
  while (now > seen && !peak.compare_exchange_weak(seen, now)) {
  }
}

std::string_view main_file_of(std::string_view file) {
  for (const std::string_view suffix : {"-wal", "-journal"}) {
    if (file.ends_with(suffix)) file.remove_suffix(suffix.size());
  }
  return file;
}

VfsCounts& VfsLedger::of(std::string_view file) {
  const std::string_view main = main_file_of(file);
  const std::lock_guard lock(mutex_);
  const auto found = by_main_.find(main);
  if (found != by_main_.end()) return *found->second;
  return *by_main_.emplace(std::string(main), std::make_unique<VfsCounts>()).first->second;
}

}  // namespace walsoak::sqlite
