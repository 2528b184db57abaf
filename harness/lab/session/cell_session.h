// What every cell does whoever orders its steps: boards are seeded, the subject started, all of it written to
// the cell's stream, and at the end the data is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/base/os/run_folder.h"
#include "harness/evidence/observer/sidecar_counts.h"
#include "harness/evidence/record/stream_writer.h"
#include "harness/lab/session/cell_files.h"
#include "harness/lab/session/cell_processes.h"
#include "harness/lab/session/sampler.h"
#include "harness/model/cells/scenario.h"

namespace walsoak::lab {

// The boards' time begins here in every cell: recorded times of lockstep are the same in every run of a seed.
inline constexpr std::int64_t kBoardsEpochS = 1700000000;

// One thread at a time.
class CellSession {
 public:
  CellSession(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener);

  // Seeds the boards, starts subject and processes besides, writes the header. `on_message` is handed the
  // events and ticks of the subject and, by name, of the processes besides. With `columns` the header says in
  // which order a sample's values stand. Throws as run_cell().
  void start(std::function<void(const std::string& process, const protocol::Message&)> on_message,
             bool columns = false);

  const Settings& settings() const { return settings_; }
  CellProcesses& processes() { return processes_; }
  Sampler& sampler() { return *sampler_; }
  observer::SidecarWatch& sidecars() { return *watch_; }

  // A step message of the next id. Its tick and the boards' time are those of `tick`.
  protocol::Message step_message(const std::string& step, std::int64_t tick);
  protocol::Message call_subject(const protocol::Message& message);
  std::int64_t steps() const { return steps_; }

  void append(const protocol::Message& line);
  void record_event(const std::string& source, std::int64_t tick, const protocol::Message& event);
  // A death that was not ordered, as an event of the cell.
  void record_death(facts::Death death, std::int64_t tick);
  void record_death(const std::string& writer, pid_t pid, const std::optional<os::ExitStatus>& status,
                    std::int64_t tick);
  // {"wal_created":..} of each board that changed since the last call; null where the count was lost.
  protocol::Message take_sidecars();

  // In mid-cell, with nothing in flight: looks outside as well, and writes a line `rows`. `inside` are the
  // boards of the subject's answer to a step of that name.
  void record_rows(std::int64_t tick, const protocol::Message& inside);

  // Rows inside and outside; `stop_workers`; everybody else stops; the byte copies; the end line with
  // `counts`.
  void check_data(std::int64_t tick, const std::function<void()>& stop_workers,
                  const protocol::Message& counts);

  // Runs the cell; where a process died, its death stands in the stream. `tick` is asked then. Throws
  // PeerEnded where the death is a result of the cell: one of the processes under test died after the cell
  // had begun. Throws Failed where it could not be carried out.
  void run(const std::function<void()>& act, const std::function<std::int64_t()>& tick);

 private:
  void write_header(const protocol::Message& strategy, bool columns);
  protocol::Message columns();
  std::vector<std::string> board_names() const;
  // What the checker finds on each board; in mid-cell from byte copies alone: a connection would be another
  // process in the experiment.
  protocol::Message look_outside(std::int64_t tick, bool mid_cell);
  void record_check(const std::string& check, const protocol::Message& boards);
  void stop_processes(std::int64_t tick);
  // Its bye; where it did not end cleanly, that is recorded.
  protocol::Message stop(Child& child, std::int64_t tick);

  const scenario::Cell& cell_;
  const Settings settings_;
  const Listener& listener_;
  CellProcesses processes_;
  record::StreamWriter stream_;
  bool header_written_ = false, started_ = false;
  std::optional<observer::SidecarWatch> watch_;
  std::optional<Sampler> sampler_;
  std::int64_t steps_ = 0;
  const std::int64_t begun_us_;
};

}  // namespace walsoak::lab
