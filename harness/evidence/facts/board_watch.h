// The states of each board over the quiet samples, folded: the first sample at which a lock was lost, a
// sidecar deleted, or a main file replaced or shortened (board_state.h decides).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "harness/evidence/facts/board_state.h"

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
  Trace lock_lost, sidecar_deleted, main_replaced, main_shrunk;
  // Of sidecar_deleted: while the main's lock was held, and while it was not.
  Trace deleted_locked, deleted_unlocked;
};

class BoardWatch {
 public:
  void accept(const Sample& sample);

  // Of the boards that some quiet sample named.
  const std::map<std::string, BoardTraces>& boards() const { return boards_; }

 private:
  std::map<std::string, BoardTraces> boards_;
  std::map<std::string, BoardPast> past_;
};

}  // namespace walsoak::facts
