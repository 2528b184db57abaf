#include "harness/run/cell_run.h"

#include <algorithm>

#include "harness/observer/sidecar_counts.h"
#include "harness/os/clock.h"
#include "harness/record/stream_reader.h"
#include "harness/record/stream_writer.h"
#include "harness/run/acknowledged.h"
#include "harness/run/cell_processes.h"
#include "harness/run/conductor.h"
#include "harness/run/errors.h"
#include "harness/run/sampler.h"

namespace walsoak::run {
namespace {

using protocol::Message;

// The boards' time begins here in every lockstep cell: recorded times are the same in every run of a seed.
constexpr std::int64_t kBoardsEpochS = 1700000000;

class LockstepCell {
 public:
  LockstepCell(const scenario::Cell& cell, const os::RunFolder& folder)
      : cell_(cell),
        settings_(Settings::from_json(cell.settings)),
        processes_(cell.id, cell.settings, folder),
        stream_(folder, cell_stream(cell.id)),
        conductor_(settings_) {}

  void run(const TickProgress& on_tick) {
    start();
    for (tick_ = 0; tick_ < settings_.ticks; ++tick_) {
      for (const Act& act : conductor_.tick(tick_, processes_.workers().alive())) carry_out(act);
      sample();
      on_tick(tick_ + 1, settings_.ticks);
    }
    --tick_;
    check_data();
    stream_.append(Message{{"type", "end"}, {"reason", "done"}, {"steps", steps_}, {"samples", samples_}});
  }

 private:
  // ---- beginning

  void start() {
    processes_.start_checker();
    Message seed = step_message("seed");
    seed["boards"] = processes_.board_list();
    seed["settings"] = cell_.settings;
    const Message seeded = processes_.checker().peer().call(seed, kStepPatienceMs);
    if (seeded.at("ok") == false)
      throw Failed("the boards could not be seeded: " + seeded.at("boards").dump());
    watch_.emplace(processes_.boards());
    processes_.start_subject([this](const Message& event) { record_event("subject", event); });
    const Message begun = processes_.begin();
    write_header(begun.value("strategy", Message()));
    if (begun.at("ok") == false) throw Failed("the subject could not begin the cell: " + begun.dump());
    record_step("cell", "subject", {{"id", 0}, {"ok", true}, {"latency_us", nullptr}}, Act{.step = "cell"});
    sampler_.emplace(processes_.subject().pid(), processes_.boards(), settings_.scope);
    sample();
  }

  void write_header(const Message& strategy) {
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
    header["roles"] = {{"subject", role(processes_.subject().hello())},
                       {"checker", role(processes_.checker().hello())}};
    stream_.append(header);
  }

  // ---- steps

  Message step_message(const std::string& step) {
    Message message = protocol::make("step");
    message["id"] = ++steps_;
    message["step"] = step;
    message["tick"] = tick_;
    message["time_s"] =
        kBoardsEpochS + static_cast<std::int64_t>(static_cast<double>(tick_ + 1) * settings_.tick_interval_s);
    return message;
  }

  void carry_out(const Act& act) {
    if (act.step == "visit") {
      visit(act);
      return;
    }
    Message message = step_message(act.step);
    message["thread"] = act.thread;
    const Message done = processes_.subject().peer().call(message, kStepPatienceMs);
    record_step(act.step, "subject", done, act);
    for (const Message& spawned : done.value("spawned", Message::array())) admit(spawned);
  }

  void visit(const Act& act) {
    const auto alive = processes_.workers().alive();
    if (std::find(alive.begin(), alive.end(), act.writer) == alive.end()) return;
    Message message = step_message("visit");
    message["op"] = act.op;
    if (act.kill_at != 0) message["kill_at"] = act.kill_at;
    try {
      const Message done = processes_.workers().call(act.writer, message, kStepPatienceMs);
      record_step("visit", act.writer, done, act);
      if (act.op == "complete") {
        processes_.workers().await_bye(act.writer, kStepPatienceMs);
        reap(act.writer);
      }
    } catch (const PeerEnded&) {
      // The kill that was ordered, or a crash: the reaped status, in the stream, tells which.
      record_step("visit", act.writer, {{"id", steps_}, {"ok", false}, {"latency_us", nullptr}}, act);
      reap(act.writer);
    }
  }

  void admit(const Message& spawned) {
    const auto writer = spawned.at("writer").get<std::string>();
    const auto pid = spawned.at("pid").get<pid_t>();
    const Message hello = processes_.workers().admit(writer, pid);
    Message event = {{"event", hello.is_null() ? "worker-failed" : "worker-started"}};
    event.update(spawned);
    if (!hello.is_null()) {
      processes_.check_worker(hello);
      event["sqlite"] = {{"version", hello.at("sqlite").at("version")},
                         {"source_id", hello.at("sqlite").at("source_id")}};
    }
    record_event("observer", event);
    if (hello.is_null()) reap(writer, pid);
  }

  void reap(const std::string& writer) { reap(writer, processes_.workers().forget(writer)); }

  void reap(const std::string& writer, pid_t pid) {
    Message message = step_message("reap");
    message["pid"] = pid;
    const Message done = processes_.subject().peer().call(message, kStepPatienceMs);
    record_event("observer", {{"event", "worker-ended"},
                              {"writer", writer},
                              {"exit_code", done.value("exit_code", Message())},
                              {"signal", done.value("signal", Message())}});
  }

  // ---- the record

  void record_step(const std::string& step, const std::string& actor, const Message& done, const Act& act) {
    Message line = {
        {"type", "step"}, {"id", done.at("id")}, {"tick", tick_}, {"step", step}, {"actor", actor}};
    if (actor == "subject") line["thread"] = act.thread;
    if (!act.op.empty()) line["op"] = act.op;
    if (act.kill_at != 0) line["kill_at"] = act.kill_at;
    line["ok"] = done.at("ok");
    line["latency_us"] = done.at("latency_us");
    line["boards"] = done.value("boards", Message::array());
    for (const char* key : {"spawned", "freed", "vfs"}) {
      if (done.contains(key)) line[key] = done.at(key);
    }
    Message sidecars = Message::object();
    for (const auto& [board, changes] : watch_->take()) {
      if (!changes) {
        sidecars[board] = nullptr;
      } else if (changes->any()) {
        sidecars[board] = changes->to_json();
      }
    }
    if (!sidecars.empty()) line["sidecars"] = std::move(sidecars);
    stream_.append(line);
  }

  void record_event(const std::string& source, const Message& event) {
    Message line = {{"type", "event"}, {"tick", tick_}, {"source", source}};
    for (const auto& [key, value] : event.items()) {
      if (key != "walsoak" && key != "type") line[key] = value;
    }
    stream_.append(line);
  }

  void sample() {
    const Message ledgers = processes_.subject().peer().call(step_message("ledger"), kStepPatienceMs);
    Message line = {{"type", "sample"}, {"tick", tick_}, {"quiet", true}};
    line.update(sampler_->sample(ledgers));
    stream_.append(line);
    ++samples_;
  }

  // ---- the end: kernel ledger (the last sample), rows inside, rows outside, everybody stops, byte copy

  void check_data() {
    const Message inside = processes_.subject().peer().call(step_message("inside"), kStepPatienceMs);
    record_check("inside", inside.at("boards"));
    Message outside = step_message("outside");
    outside["boards"] = processes_.board_list();
    outside["copy_dir"] = (processes_.copies() / "outside").string();
    record_check("outside", processes_.checker().peer().call(outside, kStepPatienceMs).at("boards"));
    stop_everybody();
    std::vector<std::string> names;
    for (const observer::BoardFiles& board : processes_.boards()) names.push_back(board.name);
    record_check("acknowledged", read_acknowledged(processes_.acknowledgements(), names));
    Message final_look = step_message("final");
    final_look["boards"] = processes_.board_list();
    final_look["copy_dir"] = (processes_.copies() / "final").string();
    record_check("final", processes_.checker().peer().call(final_look, kStepPatienceMs).at("boards"));
    processes_.checker().stop(kStepPatienceMs);
  }

  void stop_everybody() {
    for (const std::string& writer : processes_.workers().alive()) {
      processes_.workers().send_stop(writer);
      processes_.workers().await_bye(writer, kStepPatienceMs);
      reap(writer);
    }
    Message bye = processes_.subject().stop(kStepPatienceMs);
    record_event("subject", {{"event", "subject-ended"},
                             {"api", bye.value("api", Message())},
                             {"vfs", bye.value("vfs", Message())}});
  }

  void record_check(const std::string& check, const Message& boards) {
    stream_.append({{"type", "check"}, {"check", check}, {"boards", boards}});
  }

  const scenario::Cell& cell_;
  const Settings settings_;
  CellProcesses processes_;
  record::StreamWriter stream_;
  Conductor conductor_;
  std::optional<observer::SidecarWatch> watch_;
  std::optional<Sampler> sampler_;
  std::int64_t tick_ = -1;
  std::int64_t steps_ = 0;
  std::int64_t samples_ = 0;
};

}  // namespace

void run_cell(const scenario::Cell& cell, const os::RunFolder& folder, const TickProgress& on_tick) {
  LockstepCell(cell, folder).run(on_tick);
}

std::filesystem::path cell_folder(const std::string& cell) {
  return std::filesystem::path("cells") / cell;
}
std::filesystem::path cell_stream(const std::string& cell) {
  return std::filesystem::path("cells") / (cell + ".jsonl");
}

}  // namespace walsoak::run
