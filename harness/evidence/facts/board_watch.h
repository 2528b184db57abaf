// What a board's locks and deleted files did at the quiet samples: the traces that lock lost, split
// generation and a replaced board leave in the kernel's tables.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/evidence/facts/sample.h"

namespace walsoak::facts {

// One trace on one board: the first tick at which it was seen.
struct Trace {
  Count first_tick;
  std::string numbers;   // at that tick
  bool unknown = false;  // some sample could not tell, and none has shown it

  Presence presence() const {
    return first_tick ? Presence::yes : unknown ? Presence::unknown : Presence::no;
  }
};

struct BoardTraces {
  Trace lock_lost;        // a -wal is held, and no lock on the main file's shared range
  Trace sidecar_deleted;  // a deleted -wal or -shm is held while a main descriptor is the live file
  Trace main_replaced;    // a main descriptor is on a deleted file or on another inode than the path
};

class BoardWatch {
 public:
  void accept(const Sample& sample);

  // Of the boards that some quiet sample named.
  const std::map<std::string, BoardTraces>& boards() const { return boards_; }

 private:
  std::map<std::string, BoardTraces> boards_;
};

}  // namespace walsoak::facts
