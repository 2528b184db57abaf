#include "harness/sqlite/vfs_faults.h"

namespace walsoak::sqlite {

void VfsFaults::set(VfsFault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
  any_ = true;
}

void VfsFaults::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
  any_ = false;
}

std::optional<int> VfsFaults::due(VfsOperation operation, VfsFileKind file, std::string_view database) {
  if (!any_.load(std::memory_order_relaxed)) return std::nullopt;
  const std::lock_guard lock(mutex_);
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (fault->operation != operation) continue;
    if (fault->file != VfsFileKind::any && fault->file != file) continue;
    if (!fault->database.empty() && fault->database != database) continue;
    if (--fault->after > 0) continue;
    const int code = fault->code;
    ++injected_;
    if (fault->count > 0 && --fault->count == 0) {
      faults_.erase(fault);
      any_ = !faults_.empty();
    }
    return code;
  }
  return std::nullopt;
}

std::int64_t VfsFaults::injected() const {
  const std::lock_guard lock(mutex_);
  return injected_;
}

VfsFaults& vfs_faults() {
  static VfsFaults* const faults = new VfsFaults;  // never destroyed, as the VFS that asks it
  return *faults;
}

}  // namespace walsoak::sqlite
