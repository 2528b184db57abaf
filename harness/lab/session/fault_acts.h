// Carries out the faults of a cell when their ticks come, and writes each into the stream.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "harness/lab/session/board_faults.h"
#include "harness/lab/session/cell_session.h"
#include "harness/model/vocabulary/faults.h"

namespace walsoak::lab {

// One thread at a time.
class Faults {
 public:
  // `kill_workers` lets so many workers die at their next visits and returns how many that are. The session
  // must have been started: the boards as they are now are what `replace-board` brings back.
  Faults(CellSession& session, const os::RunFolder& folder,
         std::function<std::int64_t(std::int64_t)> kill_workers);

  // Ends and begins what is due before this tick, and what was due before and has not been done.
  void before_tick(std::int64_t tick);
  bool any() const { return !timed_.empty(); }

 private:
  struct Timed {
    Fault fault;
    bool begun = false, ended = false;
  };

  const observer::BoardFiles& board(const std::string& name) const;
  void begin(Timed& timed, std::int64_t tick);
  void end(Timed& timed, std::int64_t tick);
  void tell_process(const Fault& fault, const char* phase, std::int64_t tick, protocol::Message& event);
  void restore_by_backup(const observer::BoardFiles& board, std::int64_t tick, protocol::Message& event);
  void replace_board(const Fault& fault, std::int64_t tick, protocol::Message& event);
  std::int64_t set_limit();
  protocol::Message acknowledged_on(const std::string& board) const;

  CellSession& session_;
  BoardFaults boards_;
  std::function<std::int64_t(std::int64_t)> kill_workers_;
  std::vector<Timed> timed_;
  std::map<std::int64_t, os::Descriptor> flocks_;  // held, by the number of the fault
  std::int64_t own_limit_ = -1;                    // of the subject, before the first fault changed it
};

}  // namespace walsoak::lab
