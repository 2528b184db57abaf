// A lock of the application's own round what it does on a board: flock(2) on a file beside it, as #50331 and
// #50353 have it. It keeps processes apart that ask for it, and knows nothing of SQLite's locks.
#pragma once

#include <string>

#include "harness/base/os/descriptor.h"

namespace walsoak::board {

// The exclusive lock on `<path>.lock`, from construction, which blocks, to destruction; nothing where it is
// not `wanted`, or where this thread has it already: a pass that is the first to open a board initialises it
// inside its own lock.
class BoardFlock {
 public:
  // Throws AppError where the file or the lock is not to be had.
  BoardFlock(const std::string& path, bool wanted);
  ~BoardFlock();
  BoardFlock(const BoardFlock&) = delete;
  BoardFlock& operator=(const BoardFlock&) = delete;

 private:
  std::string held_;           // path; empty where the lock is none of this object's
  os::Descriptor descriptor_;  // whose close ends the lock
};

}  // namespace walsoak::board
