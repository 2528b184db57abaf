// Spawns and reaps the worker processes from one long-lived thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/os/process.h"
#include "harness/boards/board/board.h"
#include "harness/subject/gateway/executors.h"

namespace walsoak::subject {

struct Spawned {
  pid_t pid;
  std::string writer, board, task;
};

struct Ended {
  std::string writer;
  os::ExitStatus status;
};

// Thread-safe.
class Spawner {
 public:
  // `argv` is the worker program and its leading arguments, `environment` what is laid over ours; `prefix`
  // begins the names of the writers.
  Spawner(std::vector<std::string> argv, std::map<std::string, std::optional<std::string>> environment,
          std::int64_t most_alive, std::string prefix = "w");

  // The name for the next worker, or "" while as many are alive as there may be.
  std::string free_writer() const;
  // Throws std::system_error.
  pid_t spawn(const board::Board& board, const std::string& task, const std::string& writer);
  // Waits for the end of one of ours. Throws std::system_error for another pid.
  os::ExitStatus reap(pid_t pid);
  // Reaps those of ours that have ended; never blocks on one that lives.
  std::vector<Ended> reap_ended();
  // Those of ours on that board that are not reaped yet.
  std::vector<Spawned> alive_on(const std::string& board) const;
  // Asks one of ours to end, by SIGTERM; does nothing for another pid, which may be another program's by now.
  void ask_to_end(pid_t pid) const;
  // Whether the process that works under this name is there, be it ours or another dispatcher's.
  bool alive(pid_t pid, const std::string& writer) const;

  // Those spawned since the last call.
  std::vector<Spawned> take_spawned();

 private:
  const std::vector<std::string> argv_;
  const std::map<std::string, std::optional<std::string>> environment_;
  const std::int64_t most_alive_;
  const std::string prefix_;
  mutable std::mutex mutex_;
  std::int64_t spawned_ = 0;
  std::map<pid_t, Spawned> alive_;
  std::vector<Spawned> fresh_;
  NamedThread thread_{"spawner"};
};

}  // namespace walsoak::subject
