// The workers of a free-running cell: they come when the dispatcher spawns them, live on their own clock, and
// are told nothing but how to live.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "harness/os/event_loop.h"
#include "harness/run/cell_processes.h"
#include "harness/settings/seeded.h"

namespace walsoak::run {

// One thread at a time: the loop's.
class FreeWorkers {
 public:
  struct Handlers {
    std::function<void(const std::string& writer, const protocol::Message& tick)> on_visit;
    std::function<void(const protocol::Message& event)> on_event;
  };

  // Both must outlive this; `t0_us` is the cell's (CLOCK_MONOTONIC).
  FreeWorkers(os::EventLoop& loop, CellProcesses& processes, const Settings& settings, std::int64_t t0_us,
              Handlers handlers);

  // A fault: so many of the workers die at their next visit, before a seeded statement. Returns how many
  // there were.
  std::int64_t kill(std::int64_t count);
  // Holds every worker between two visits, and those that still come. Blocks until all have answered.
  void pause();
  // Ends them all and awaits their ends.
  void stop();

 private:
  struct Worker {
    std::unique_ptr<Peer> peer;
    std::string writer;  // empty before its hello
  };

  void accept();
  void read(int descriptor);
  void accept_message(Worker& worker, const protocol::Message& message);
  protocol::Message life_of(const std::string& writer) const;
  // Reads until `done` holds or the worker has ended.
  void read_until(int descriptor, const std::function<bool()>& done);

  os::EventLoop& loop_;
  CellProcesses& processes_;
  const Settings& settings_;
  const std::int64_t t0_us_;
  const Handlers handlers_;
  std::map<int, Worker> workers_;  // by their sockets
  bool paused_ = false;
  std::int64_t answers_ = 0;
  Seeded kills_;
};

}  // namespace walsoak::run
