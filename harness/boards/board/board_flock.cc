#include "harness/boards/board/board_flock.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <set>
#include <thread>

#include "harness/base/os/run_folder.h"
#include "harness/boards/board/connect.h"

namespace walsoak::board {
namespace {

// Paths of the boards locked by this thread. A flock belongs to its descriptor: a second descriptor would
// block forever.
thread_local std::set<std::string> held_here;

constexpr std::chrono::milliseconds kBetweenTries{20};

[[noreturn]] void no_lock(int error) {
  throw AppError(error == EMFILE ? "EMFILE" : "system", "flock", std::strerror(error));
}

}  // namespace

BoardFlock::BoardFlock(const std::string& path, bool wanted, std::chrono::milliseconds patience) {
  if (!wanted || held_here.contains(path)) return;
  const std::string file = path + ".lock";
  os::RunFolder::containing(path).inside(file);
  descriptor_ = os::Descriptor(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, os::kOwnersFile));
  if (!descriptor_.valid()) no_lock(errno);
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (::flock(descriptor_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) no_lock(errno);
    if (std::chrono::steady_clock::now() >= give_up) {
      missed_ = true;
      descriptor_.reset();
      return;
    }
    std::this_thread::sleep_for(kBetweenTries);
  }
  held_ = *held_here.insert(path).first;
}

BoardFlock::~BoardFlock() {
  if (!held_.empty()) held_here.erase(held_);
}

}  // namespace walsoak::board
