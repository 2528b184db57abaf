#include "harness/lab/session/fault_acts.h"

#include <algorithm>

#include "harness/base/os/process.h"
#include "harness/lab/session/acknowledged.h"
#include "harness/lab/session/other_processes.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

std::vector<std::string> board_names(const CellProcesses& processes) {
  std::vector<std::string> names;
  for (const observer::BoardFiles& board : processes.boards()) names.push_back(board.name);
  return names;
}

}  // namespace

Faults::Faults(CellSession& session, const os::RunFolder& folder,
               std::function<std::int64_t(std::int64_t)> kill_workers)
    : session_(session),
      boards_(folder, session.processes().backups()),
      kill_workers_(std::move(kill_workers)) {
  const Settings& settings = session.settings();
  for (Fault& fault : faults_of(settings.faults, board_names(session.processes()), settings.seed)) {
    if (fault.name == "replace-board") boards_.back_up(board(fault.board));
    timed_.push_back({std::move(fault), false, false});
  }
}

const observer::BoardFiles& Faults::board(const std::string& name) const {
  const auto& boards = session_.processes().boards();
  return *std::find_if(boards.begin(), boards.end(),
                       [&name](const observer::BoardFiles& known) { return known.name == name; });
}

void Faults::before_tick(std::int64_t tick) {
  for (Timed& timed : timed_) {
    const bool lasts = timed.fault.until_tick >= 0;
    if (lasts && timed.begun && !timed.ended && timed.fault.until_tick <= tick) end(timed, tick);
  }
  for (Timed& timed : timed_) {
    if (!timed.begun && timed.fault.at_tick <= tick) begin(timed, tick);
  }
}

// What of the board is committed now, by the writers' own word: what a restore takes away.
Message Faults::acknowledged_on(const std::string& board) const {
  return read_acknowledged(session_.processes().acknowledgements(), {board}).front().at("rows");
}

// Faults of the subject's own, or of the process that reads for long.
void Faults::tell_process(const Fault& fault, const char* phase, std::int64_t tick, Message& event) {
  Message step = session_.step_message("fault", tick);
  step["fault"] = fault.name;
  step["number"] = fault.number;
  step["phase"] = phase;
  step["board"] = fault.board;
  if (!fault.board.empty()) step["path"] = board(fault.board).main_path;
  step["how"] = fault.how;
  step["operation"] = fault.operation;
  step["file"] = fault.file;
  step["after"] = fault.after;
  step["count"] = fault.count;
  const bool reads_elsewhere = fault.name == "long-reader" && fault.where == "process";
  Child& process = session_.processes().process(reads_elsewhere ? std::string(kReader) : "subject");
  const Message done = process.peer().call(step, kStepPatienceMs);
  if (!fault.how.empty()) event["how"] = fault.how;
  event["ok"] = done.at("ok");
  if (done.at("ok") == false) event["boards"] = done.value("boards", Message());
}

// By the checker: the observer links no SQLite.
void Faults::restore_by_backup(const observer::BoardFiles& board, std::int64_t tick, Message& event) {
  Message step = session_.step_message("restore", tick);
  step["boards"] = Message::array({{{"name", board.name}, {"path", board.main_path}}});
  step["source"] = boards_.backup_of(board).string();
  const Message done = session_.processes().checker().peer().call(step, kStepPatienceMs);
  event["ok"] = done.at("ok");
  if (done.at("ok") == false) event["boards"] = done.value("boards", Message());
}

void Faults::replace_board(const Fault& fault, std::int64_t tick, Message& event) {
  const observer::BoardFiles& files = board(fault.board);
  event["how"] = fault.how;
  event["sidecars"] = fault.sidecars;
  if (fault.holders == "refused") {
    const std::int64_t holders = boards_.holders(files);
    event["holders"] = holders;
    if (holders > 0) return;  // the board stays as it is
  }
  event["rows"] = acknowledged_on(fault.board);
  if (fault.how == "backup") {
    restore_by_backup(files, tick, event);
  } else {
    boards_.replace(files, fault.how, fault.sidecars == "remove");
  }
}

// Of the limits at work the one that began last holds; where there is none, the subject's own.
std::int64_t Faults::set_limit() {
  std::int64_t soft = own_limit_;
  for (const Timed& timed : timed_) {
    if (timed.fault.name == "fd-limit" && timed.begun && !timed.ended) soft = timed.fault.soft;
  }
  const std::int64_t before = os::set_descriptor_limit(session_.processes().subject().pid(), soft);
  if (own_limit_ < 0) own_limit_ = before;
  return soft;
}

void Faults::begin(Timed& timed, std::int64_t tick) {
  const Fault& fault = timed.fault;
  timed.begun = true;
  Message event = {{"event", "fault"}, {"fault", fault.name}, {"number", fault.number}, {"phase", "begin"}};
  if (!fault.board.empty()) event["board"] = fault.board;
  if (fault.name == "worker-kill") {
    event["count"] = kill_workers_(fault.count);
  } else if (fault.name == "fd-limit") {
    event["soft"] = set_limit();
  } else if (fault.name == "corrupt-board") {
    boards_.corrupt(board(fault.board), fault.how);
    event["how"] = fault.how;
  } else if (fault.name == "replace-board") {
    replace_board(fault, tick, event);
  } else if (fault.name == "cut-shm") {
    event["there"] = boards_.cut_shm(board(fault.board));
  } else if (fault.name == "hold-flock") {
    flocks_[fault.number] = boards_.hold_flock(board(fault.board));
  } else {
    tell_process(fault, "begin", tick, event);
  }
  session_.record_event("observer", tick, event);
}

void Faults::end(Timed& timed, std::int64_t tick) {
  timed.ended = true;
  Message event = {
      {"event", "fault"}, {"fault", timed.fault.name}, {"number", timed.fault.number}, {"phase", "end"}};
  if (!timed.fault.board.empty()) event["board"] = timed.fault.board;
  if (timed.fault.name == "fd-limit") {
    event["soft"] = set_limit();
  } else if (timed.fault.name == "hold-flock") {
    flocks_.erase(timed.fault.number);
  } else {
    tell_process(timed.fault, "end", tick, event);
  }
  session_.record_event("observer", tick, event);
}

}  // namespace walsoak::lab
