#include "harness/boards/sqlite/vfs_faults.h"

namespace walsoak::sqlite {

void VfsFaults::set(VfsFault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
  any_ = true;
}

void VfsFaults::clear(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  std::erase_if(faults_, [number](const VfsFault& fault) { return fault.number == number; });
  any_ = !faults_.empty();
}

namespace {

bool concerns(const VfsFault& fault, VfsOperation operation, VfsFileKind file, std::string_view database) {
  if (fault.operation != operation) return false;
  if (fault.file != VfsFileKind::any && fault.file != file) return false;
  return fault.database.empty() || fault.database == database;
}

}  // namespace

std::optional<int> VfsFaults::due(VfsOperation operation, VfsFileKind file, std::string_view database) {
  if (!any()) return std::nullopt;
  const std::lock_guard lock(mutex_);
  std::optional<int> code;
  for (VfsFault& fault : faults_) {
    if (!concerns(fault, operation, file, database)) continue;
    if (--fault.after > 0 || code) continue;
    code = fault.code;
    if (fault.count > 0) fault.spent = --fault.count == 0;
  }
  std::erase_if(faults_, [](const VfsFault& fault) { return fault.spent; });
  any_ = !faults_.empty();
  return code;
}

VfsFaults& vfs_faults() {
  static VfsFaults* const faults = new VfsFaults;  // never destroyed, as the VFS that asks it
  return *faults;
}

}  // namespace walsoak::sqlite
