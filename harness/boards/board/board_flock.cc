#include "harness/boards/board/board_flock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "harness/base/os/run_folder.h"
#include "harness/boards/board/connect.h"

namespace walsoak::board {
namespace {

// Paths of the boards locked by this thread. A flock belongs to its descriptor: a second descriptor would
// block forever.
thread_local std::set<std::string> held_here;

[[noreturn]] void no_lock(int error) {
  throw AppError(error == EMFILE ? "EMFILE" : "system", "flock", std::strerror(error));
}

}  // namespace

BoardFlock::BoardFlock(const std::string& path, bool wanted) {
  if (!wanted || held_here.contains(path)) return;
  const std::string file = path + ".lock";
  os::RunFolder::containing(path).inside(file);
  descriptor_ = os::Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, os::kOwnersFile));
  if (!descriptor_.valid()) no_lock(errno);
  while (::flock(descriptor_.get(), LOCK_EX) != 0) {
    if (errno != EINTR) no_lock(errno);
  }
  held_ = *held_here.insert(path).first;
}

BoardFlock::~BoardFlock() {
  if (!held_.empty()) held_here.erase(held_);
}

}  // namespace walsoak::board
