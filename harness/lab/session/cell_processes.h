// The processes of one cell: checker, subject, those besides it and workers, with their logs, as one thing
// that is started and ends.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/base/os/run_folder.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "harness/lab/launch/child.h"
#include "harness/lab/launch/programs.h"
#include "harness/lab/launch/worker_hub.h"
#include "harness/lab/session/other_processes.h"
#include "harness/model/vocabulary/settings.h"
#include "harness/protocol/message.h"

namespace walsoak::lab {

// How long a step may take before the cell is given up: far more than a busy timeout on every statement of a
// pass.
inline constexpr int kStepPatienceMs = 600000;

class CellProcesses {
 public:
  // Prepares the cell's folders; starts nothing. `values` are the cell's settings.
  CellProcesses(std::string cell, const nlohmann::ordered_json& values, const os::RunFolder& folder);

  // Each starts its process and checks that its hello names the SQLite that the cell names. Throws Failed,
  // Refused.
  void start_checker();
  void start_subject(std::function<void(const protocol::Message&)> on_event);

  // The subject's `cell` message; its answer says what the strategy declares.
  protocol::Message begin();
  // Checks the hello of a worker that was admitted.
  void check_worker(const protocol::Message& hello) const;

  // Dashboards, outside writers and a second dispatcher, where the settings ask for them, each with its cell.
  void start_others(const std::function<void(const std::string& name, const protocol::Message&)>& on_message);
  std::vector<OtherProcess>& others() { return others_; }
  // The subject or one of the others, by name. Throws Failed for another.
  Child& process(const std::string& name);

  // The processes that say which SQLite they run on, as far as they have said hello.
  std::vector<std::pair<std::string, Child*>> of_roles() const;
  // The subject's last message, for an error.
  std::string last_said_by_subject() const;

  Child& subject() { return *subject_; }
  Child& checker() { return *checker_; }
  WorkerHub& workers() { return workers_; }
  const std::vector<observer::BoardFiles>& boards() const { return boards_; }
  // [{"name", "path"}], as steps of the checker take it.
  protocol::Message board_list() const;
  std::filesystem::path acknowledgements() const { return root_ / "acks"; }
  std::filesystem::path backups() const { return root_ / "backups"; }
  std::filesystem::path copies() const { return root_ / "copies"; }
  // The stderr of one process, by its name (subject, checker, dashboard-1, w0001); workers make theirs
  // themselves.
  std::filesystem::path stderr_of(const std::string& name) const {
    return root_ / "stderr" / (name + ".log");
  }

 private:
  void check_sqlite(const protocol::Message& hello, const char* role) const;
  Child::Plan plan_of(const std::string& name, const std::string& role) const;
  Child::Plan subject_plan(const std::string& name, const std::string& role,
                           const SubjectProgram& program) const;
  protocol::Message worker_cell() const;
  // The `cell` message of a program that is a gateway or one of its steps.
  protocol::Message gateway_cell() const;

  const std::string cell_;
  const nlohmann::ordered_json values_;
  const std::filesystem::path root_;
  const os::RunFolder folder_;
  std::vector<observer::BoardFiles> boards_;
  WorkerHub workers_;  // outlives the subject: its workers' sockets close when they have ended
  std::unique_ptr<Child> checker_;
  std::unique_ptr<Child> subject_;
  std::vector<OtherProcess> others_;
};

}  // namespace walsoak::lab
