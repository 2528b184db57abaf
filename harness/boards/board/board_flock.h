// flock(2) on a file beside a board, as in #50331 and #50353: excludes other processes that take the same
// lock. SQLite's locks are independent of it.
#pragma once

#include <string>

#include "harness/base/os/descriptor.h"

namespace walsoak::board {

// Holds the exclusive lock on `<path>.lock` from construction (blocks) to destruction. Does nothing if
// `wanted` is false or if this thread holds the lock: the first pass over a board initialises the board under
// the lock of the pass.
class BoardFlock {
 public:
  // Throws AppError if the file or the lock cannot be acquired.
  BoardFlock(const std::string& path, bool wanted);
  ~BoardFlock();
  BoardFlock(const BoardFlock&) = delete;
  BoardFlock& operator=(const BoardFlock&) = delete;

 private:
  std::string held_;           // path; empty if this object holds no lock
  os::Descriptor descriptor_;  // whose close ends the lock
};

}  // namespace walsoak::board
