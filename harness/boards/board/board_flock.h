// flock(2) on a file beside a board, as in #50331 and #50353: excludes other processes that take the same
// lock. SQLite's locks are independent of it.
#pragma once

#include <chrono>
#include <string>

#include "harness/base/os/descriptor.h"

namespace walsoak::board {

// How long a lock is tried for while another process has it: a dispatch pass tries once and leaves the board
// to the other (#50331); an initialisation tries for ten seconds and then goes on without it (#50353).
inline constexpr std::chrono::milliseconds kTryOnce{0};
inline constexpr std::chrono::milliseconds kInitialisationPatience{10000};

// Holds the exclusive lock on `<path>.lock` from construction to destruction, unless another process had it
// for as long as it was tried. Does nothing if `wanted` is false or if this thread holds the lock: the first
// pass over a board initialises the board under the lock of the pass.
class BoardFlock {
 public:
  // Throws AppError if the file cannot be opened or locked for another reason.
  BoardFlock(const std::string& path, bool wanted, std::chrono::milliseconds patience);
  ~BoardFlock();
  // The lock was wanted, and another process has it.
  bool missed() const { return missed_; }
  BoardFlock(const BoardFlock&) = delete;
  BoardFlock& operator=(const BoardFlock&) = delete;

 private:
  std::string held_;  // path; empty if this object holds no lock
  bool missed_ = false;
  os::Descriptor descriptor_;  // whose close ends the lock
};

}  // namespace walsoak::board
