#include "harness/boards/board/lock_guard.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "harness/boards/board/connect.h"

namespace walsoak::board {
namespace {

[[noreturn]] void no_guard(int error) {
  throw AppError(error == EMFILE ? "EMFILE" : "system", "lock guard", std::strerror(error));
}

}  // namespace

void LockGuards::take(const std::string& path, Range range) {
  const std::lock_guard lock(mutex_);
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) no_guard(errno);
  const File file{facts.st_dev, facts.st_ino};
  auto& of_path = guards_[path];
  Guard& guard = of_path[file];
  if (guard.locked) return;
  if (!guard.descriptor.valid())
    guard.descriptor = os::Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!guard.descriptor.valid()) no_guard(errno);
  struct flock shared {};
  shared.l_type = F_RDLCK;
  shared.l_whence = SEEK_SET;
  shared.l_start = range.first;
  shared.l_len = range.size;
  // Where it is refused the descriptor stays for the next try: to close it would be the very harm.
  if (::fcntl(guard.descriptor.get(), F_OFD_SETLK, &shared) != 0) no_guard(errno);
  guard.locked = true;
}

int LockGuards::held(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = guards_.find(path);
  if (found == guards_.end()) return 0;
  return static_cast<int>(std::count_if(found->second.begin(), found->second.end(),
                                        [](const auto& guard) { return guard.second.descriptor.valid(); }));
}

}  // namespace walsoak::board
