#include "harness/lab/session/cell_session.h"

#include "harness/base/os/clock.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/plain_reason.h"
#include "harness/evidence/record/stream_reader.h"
#include "harness/lab/launch/board_template.h"
#include "harness/lab/launch/death.h"
#include "harness/lab/launch/peer_ended.h"
#include "harness/lab/session/acknowledged.h"
#include "harness/lab/session/rows_seen.h"

namespace walsoak::lab {

using protocol::Message;

namespace {

// What is wrong with a template is told to its owner in a sentence of its own.
void require_seeded(const Message& seeded) {
  if (seeded.at("ok") == true) return;
  for (const Message& board : seeded.at("boards")) {
    if (board.at("ok") == false && board.at("error").at("app") == "template") {
      throw Failed(board.at("error").at("message").get<std::string>());
    }
  }
  throw Failed("the boards could not be seeded: " + seeded.at("boards").dump());
}

}  // namespace

CellSession::CellSession(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener)
    : cell_(cell),
      settings_(Settings::from_json(cell.settings)),
      listener_(listener),
      processes_(cell.id, cell.settings, folder),
      stream_(folder, cell_stream(cell.id)),
      begun_us_(os::system_clock().monotonic_us()) {}

void CellSession::start(std::function<void(const std::string&, const Message&)> on_message, bool columns) {
  processes_.start_checker();
  Message seed = step_message("seed", -1);
  seed["boards"] = processes_.board_list();
  seed["settings"] = cell_.settings;
  if (const std::string& source = settings_.board_template; !source.empty()) {
    const std::string& first = processes_.boards().front().main_path;
    copy_snapshot(os::RunFolder::containing(first), template_snapshot(source), first);
    seed["template"] = source;
  }
  require_seeded(processes_.checker().peer().call(seed, kStepPatienceMs));
  watch_.emplace(processes_.boards());
  processes_.start_subject([on_message](const Message& message) { on_message("subject", message); });
  const Message begun = processes_.begin();
  sampler_.emplace(processes_.subject().pid(), processes_.boards(), settings_.scope);
  write_header(begun.value("strategy", Message()), columns && begun.at("ok") == true);
  if (begun.at("ok") == false) throw Failed("the subject could not begin the cell: " + begun.dump());
  processes_.start_others(on_message);
  started_ = true;
}

void CellSession::run(const std::function<void()>& act, const std::function<std::int64_t()>& tick) {
  try {
    act();
  } catch (const PeerEnded& ended) {
    if (!ended.death()) throw Failed(ended.what());
    record_death(*ended.death(), tick());
    if (!started_ || ended.death()->role == "checker") throw Failed(ended.what());
    throw;
  } catch (const nlohmann::json::exception& error) {
    // Programs of walsoak's own follow docs/protocol.md; any other is the subject.
    throw Failed(fmt::format("expected messages as in docs/protocol.md of the subject, found {}: {}",
                             processes_.last_said_by_subject(), plain_reason(error)));
  }
}

// Of a sample's boards: every sample has the same keys in the same order.
Message CellSession::columns() {
  const Message sample = sampler_->sample(call_subject(step_message("ledger", -1)));
  Message names = Message::array();
  for (const auto& [key, value] : sample.at("boards").front().items()) names.push_back(key);
  return names;
}

void CellSession::write_header(const Message& strategy, bool columns) {
  Message header = {{"type", "header"}, {"schema_version", record::kStreamVersion}, {"cell", cell_.id}};
  header["settings"] = cell_.settings;
  header["seed"] = settings_.seed;
  header["control_of"] = cell_.control_of ? Message(*cell_.control_of) : Message(nullptr);
  header["boards"] = processes_.board_list();
  header["started"] = os::utc_text(os::system_clock().unix_s());
  header["strategy"] = strategy;
  const auto role = [](const Message& hello) {
    Message known = hello.at("sqlite");
    known["program"] = hello.value("program", "");
    return known;
  };
  header["roles"] = Message::object();
  for (const auto& [name, child] : processes_.of_roles()) header["roles"][name] = role(child->hello());
  if (columns) header["columns"] = this->columns();
  append(header);
  header_written_ = true;
}

Message CellSession::step_message(const std::string& step, std::int64_t tick) {
  Message message = protocol::make("step");
  message["id"] = ++steps_;
  message["step"] = step;
  message["tick"] = tick;
  message["time_s"] =
      kBoardsEpochS + static_cast<std::int64_t>(static_cast<double>(tick + 1) * settings_.tick_interval_s);
  return message;
}

Message CellSession::call_subject(const Message& message) {
  return processes_.subject().peer().call(message, kStepPatienceMs);
}

void CellSession::append(const Message& line) {
  stream_.append(line);
  if (listener_.on_line) listener_.on_line(line);
}

void CellSession::record_event(const std::string& source, std::int64_t tick, const Message& event) {
  Message line = {{"type", "event"}, {"tick", tick}, {"source", source}};
  for (const auto& [key, value] : event.items()) {
    if (key != "walsoak" && key != "type") line[key] = value;
  }
  append(line);
}

void CellSession::record_death(facts::Death death, std::int64_t tick) {
  // A stream begins with its header, also where a process died before the cell had begun.
  if (!header_written_) write_header({{"name", cell_.settings.at("strategy")}}, /*columns=*/false);
  death.tick = tick;
  Message event = {{"event", facts::kDeathEvent}};
  event.update(death.to_json());
  record_event("observer", tick, event);
}

void CellSession::record_death(const std::string& writer, pid_t pid,
                               const std::optional<os::ExitStatus>& status, std::int64_t tick) {
  record_death(death_of(writer, "worker", pid, status, processes_.stderr_of(writer)), tick);
}

Message CellSession::take_sidecars() {
  Message sidecars = Message::object();
  for (const auto& [board, changes] : watch_->take()) {
    if (!changes) {
      sidecars[board] = nullptr;
    } else if (changes->any()) {
      sidecars[board] = changes->to_json();
    }
  }
  return sidecars;
}

std::vector<std::string> CellSession::board_names() const {
  std::vector<std::string> names;
  for (const observer::BoardFiles& board : processes_.boards()) names.push_back(board.name);
  return names;
}

Message CellSession::look_outside(std::int64_t tick, bool mid_cell) {
  Message outside = step_message("outside", tick);
  outside["boards"] = processes_.board_list();
  outside["copy_dir"] = (processes_.copies() / "outside").string();
  if (mid_cell) outside["how"] = "byte copy";
  return processes_.checker().peer().call(outside, kStepPatienceMs).at("boards");
}

void CellSession::record_rows(std::int64_t tick, const Message& inside) {
  const std::vector<std::string> boards = board_names();
  const Message outside = look_outside(tick, /*mid_cell=*/true);
  append(rows_line(tick, boards, read_acknowledged(processes_.acknowledgements(), boards), inside, outside));
}

// The end: kernel ledger (the last sample), rows inside, rows outside, everybody stops, byte copy.
void CellSession::check_data(std::int64_t tick, const std::function<void()>& stop_workers,
                             const Message& counts) {
  record_check("inside", call_subject(step_message("inside", tick)).at("boards"));
  record_check("outside", look_outside(tick, /*mid_cell=*/false));
  stop_workers();
  stop_processes(tick);
  record_check("acknowledged", read_acknowledged(processes_.acknowledgements(), board_names()));
  Message final_look = step_message("final", tick);
  final_look["boards"] = processes_.board_list();
  final_look["copy_dir"] = (processes_.copies() / "final").string();
  record_check("final", processes_.checker().peer().call(final_look, kStepPatienceMs).at("boards"));
  stop(processes_.checker(), tick);
  Message end = {{"type", "end"}, {"reason", "done"}, {"steps", steps_}};
  end["elapsed_us"] = os::system_clock().monotonic_us() - begun_us_;
  end.update(counts);
  append(end);
}

void CellSession::stop_processes(std::int64_t tick) {
  for (OtherProcess& other : processes_.others()) stop(*other.child, tick);
  // A gateway that is killed says no bye: its last ledgers are unknown.
  Message bye = Message::object();
  const bool killed = settings().ending == GatewayEnd::kill;
  if (killed) {
    processes_.subject().kill();
  } else {
    bye = stop(processes_.subject(), tick);
  }
  record_event("subject", tick,
               {{"event", "subject-ended"},
                {"killed", killed},
                {"api", bye.value("api", Message())},
                {"vfs", bye.value("vfs", Message())}});
}

// One that ends badly after its bye - a leak checker's exit code, a crash in a destructor - has done its part
// of the cell.
Message CellSession::stop(Child& child, std::int64_t tick) {
  Child::Ended ended = child.stop(kStepPatienceMs);
  if (ended.death) record_death(*ended.death, tick);
  return std::move(ended.bye);
}

void CellSession::record_check(const std::string& check, const Message& boards) {
  append({{"type", "check"}, {"check", check}, {"boards", boards}});
}

}  // namespace walsoak::lab
