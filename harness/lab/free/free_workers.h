// The workers of a free-running cell: they come when the dispatcher spawns them, live on their own clock, and
// are told nothing but how to live.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "harness/base/os/event_loop.h"
#include "harness/base/shared/seeded.h"
#include "harness/lab/session/cell_processes.h"

namespace walsoak::lab {

// One thread at a time: the loop's.
class FreeWorkers {
 public:
  struct Handlers {
    std::function<void(const std::string& writer, const protocol::Message& tick)> on_visit;
    std::function<void(const std::string& source, const protocol::Message& event)> on_event;
    // One that ended neither by itself nor by a kill that was ordered.
    std::function<void(const std::string& writer, pid_t pid, const std::optional<os::ExitStatus>& status)>
        on_death;
  };

  // Both must outlive this; `t0_us` is the cell's (CLOCK_MONOTONIC).
  FreeWorkers(os::EventLoop& loop, CellProcesses& processes, const Settings& settings, std::int64_t t0_us,
              Handlers handlers);

  // Takes from a tick of a dispatcher which workers it has spawned and which it has reaped.
  void note(const std::string& process, const protocol::Message& tick);
  // A fault: so many of the workers die at their next visit, before a seeded statement. Returns how many
  // there were.
  std::int64_t kill(std::int64_t count);
  // Holds every worker between two visits, and those that still come. Blocks until all have answered.
  void pause();
  // Ends them all, awaits their ends and has them reaped.
  void stop();

 private:
  struct Worker {
    std::unique_ptr<Peer> peer;
    std::string writer;  // empty before its hello
  };

  // What is known of a worker that is not over and done with: its end is told twice, by its socket and by the
  // dispatcher that reaps it, in any order.
  struct Course {
    pid_t pid = -1;
    std::string parent;  // the dispatcher that spawned it
    std::int64_t visits = 0;
    std::int64_t killed_at_visit = 0;  // 0: not ordered
    bool any_kill_ordered = false;     // by a fault: at whatever visit comes next
    bool connected = false, said_bye = false, closed = false, reaped = false, settled = false;
    std::optional<os::ExitStatus> status;
  };

  void accept();
  void read(int descriptor);
  void note_reaped(const std::string& source, const std::string& writer, const protocol::Message& told);
  // Judges the end of a worker of which all is known, and forgets it.
  void settle(const std::string& writer);
  // Awaits those that are on their way here.
  void accept_late_ones();
  void reap_the_rest();
  void accept_message(Worker& worker, const protocol::Message& message);
  protocol::Message life_of(const std::string& writer) const;
  // Reads until `done` holds or the worker has ended.
  void read_until(int descriptor, const std::function<bool()>& done);

  os::EventLoop& loop_;
  CellProcesses& processes_;
  const Settings& settings_;
  const std::int64_t t0_us_;
  const Handlers handlers_;
  std::map<int, Worker> workers_;          // by their sockets
  std::map<std::string, Course> courses_;  // by their writers
  bool paused_ = false;
  std::int64_t answers_ = 0;
  Seeded kills_;
};

}  // namespace walsoak::lab
