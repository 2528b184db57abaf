// A lockstep cell: the conductor's steps, one at a time, with a sample after each tick.
#include <algorithm>
#include <map>
#include <set>

#include "harness/base/shared/errors.h"
#include "harness/lab/launch/death.h"
#include "harness/lab/launch/peer_ended.h"
#include "harness/lab/lockstep/conductor.h"
#include "harness/lab/lockstep/lockstep_cell.h"
#include "harness/lab/session/cell_session.h"
#include "harness/lab/session/fault_acts.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

class LockstepCell {
 public:
  LockstepCell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener)
      : folder_(folder),
        listener_(listener),
        session_(cell, folder, listener),
        conductor_(session_.settings()) {}

  void run() {
    session_.run([this] { conduct(); }, [this] { return tick_; });
  }

 private:
  void conduct() {
    session_.start([this](const std::string& process, const Message& event) {
      session_.record_event(process, tick_, event);
    });
    record_step("cell", "subject", {{"id", 0}, {"ok", true}, {"latency_us", nullptr}}, Act{.step = "cell"});
    sample();
    Faults faults(session_, folder_,
                  [this](std::int64_t count) { return conductor_.kill_next(count, std::ssize(at_work())); });
    const std::int64_t ticks = session_.settings().ticks;
    std::string aborted;
    for (tick_ = 0; tick_ < ticks; ++tick_) {
      faults.before_tick(tick_);
      tick();
      sample();
      listener_.on_tick(tick_ + 1, ticks);
      if (aborted = listener_.end_now ? listener_.end_now() : ""; !aborted.empty()) {
        ++tick_;
        break;
      }
    }
    --tick_;
    Message counts = {{"samples", samples_}};
    if (!aborted.empty()) counts["aborted"] = aborted;
    session_.check_data(
        tick_, [this] { stop_workers(); }, counts);
  }

  WorkerHub& workers() { return session_.processes().workers(); }

  void carry_out(const Act& act) {
    if (act.step == "visit") {
      visit(act);
      return;
    }
    Message message = session_.step_message(act.step, tick_);
    message["thread"] = act.thread;
    if (act.step == "dispatch" && act.process == "subject") dispatch_thread_ = act.thread;
    if (act.slot >= 0) message["slot"] = act.slot;
    const Message done = session_.processes().process(act.process).peer().call(message, kStepPatienceMs);
    record_step(act.step, act.process, done, act);
    const Message spawned = done.value("spawned", Message::array());
    for (const Message& worker : spawned) admit(act.process, worker);
    const Message without_claim = done.value("without_claim", Message::array());
    for (const Message& writer : without_claim) end_worker(writer.get<std::string>());
  }

  // By SIGTERM of its dispatcher. A step of its own, so that what its connection's close does to the sidecars
  // is told of the worker.
  void end_worker(const std::string& writer) {
    const Act act{.step = "visit", .writer = writer, .op = "end"};
    staying_.erase(writer);
    const pid_t pid = pids_[writer];
    const Message done = ask_to_reap(writer, pid, /*end=*/true);
    const bool said_bye = hears_bye(writer, /*after_stop=*/false);
    workers().forget(writer);
    note_ended(writer, pid, done, {.said_bye = said_bye});
    record_step("visit", writer, {{"id", 0}, {"ok", true}, {"latency_us", nullptr}}, act);
  }

  // Those that have visits to make.
  std::vector<std::string> at_work() {
    std::vector<std::string> alive = workers().alive();
    std::erase_if(alive, [this](const std::string& writer) { return staying_.contains(writer); });
    return alive;
  }

  void tick() {
    const std::int64_t every = session_.settings().rows_every;
    bool look_is_due = every > 0 && (tick_ + 1) % every == 0;
    for (const Act& act : conductor_.tick(tick_, at_work())) {
      // What the look drops is collected with the rest: samples are told apart by whether a collection came
      // last.
      if (act.step == "collect" && std::exchange(look_is_due, false)) look_at_rows();
      carry_out(act);
    }
    if (look_is_due) look_at_rows();
  }

  // Inside on the thread that the tick's dispatch ran on: what that pass would have seen at its end.
  void look_at_rows() {
    const Act act{.step = "inside", .thread = dispatch_thread_};
    Message step = session_.step_message(act.step, tick_);
    step["thread"] = act.thread;
    Message done = session_.call_subject(step);
    const Message inside = done.at("boards");
    for (Message& board : done["boards"]) board.erase("rows");  // of which the line `rows` has the number
    record_step(act.step, act.process, done, act);
    session_.record_rows(tick_, inside);
  }

  void visit(const Act& act) {
    const auto alive = workers().alive();
    if (std::find(alive.begin(), alive.end(), act.writer) == alive.end()) return;
    Message message = session_.step_message("visit", tick_);
    message["op"] = act.op;
    if (act.kill_at != 0) message["kill_at"] = act.kill_at;
    const std::optional<Message> done =
        unless_ended([&] { return workers().call(act.writer, message, kStepPatienceMs); });
    if (!done) {
      // The kill that was ordered, or a crash: the reaped status tells which.
      record_step("visit", act.writer, {{"id", message.at("id")}, {"ok", false}, {"latency_us", nullptr}},
                  act);
      return reap(act.writer, {.kill_ordered = act.kill_at != 0});
    }
    record_step("visit", act.writer, *done, act);
    if (act.op != "complete") return;
    if (session_.settings().finished_worker == FinishedWorker::stays) {
      staying_.insert(act.writer);
    } else {
      reap(act.writer, {.said_bye = hears_bye(act.writer, /*after_stop=*/false)});
    }
  }

  // Nothing where the worker ended meanwhile. Only what is said to the worker may be asked for in here: the
  // death of its parent is no death of its own.
  template <typename Ask>
  static std::optional<Message> unless_ended(const Ask& ask) {
    try {
      return ask();
    } catch (const PeerEnded&) {
      return std::nullopt;
    }
  }

  // Of a worker that ends by itself, or when it is sent a stop.
  bool hears_bye(const std::string& writer, bool after_stop) {
    const auto bye = unless_ended([&] {
      if (after_stop) workers().send_stop(writer);
      return workers().await_bye(writer, kStepPatienceMs);
    });
    return bye.has_value();
  }

  void admit(const std::string& process, const Message& spawned) {
    const auto writer = spawned.at("writer").get<std::string>();
    const auto pid = spawned.at("pid").get<pid_t>();
    spawned_by_[writer] = process;
    pids_[writer] = pid;
    const Message hello = workers().admit(writer, pid);
    Message event = {{"event", hello.is_null() ? "worker-failed" : "worker-started"}};
    event.update(spawned);
    if (!hello.is_null()) {
      session_.processes().check_worker(hello);
      event["sqlite"] = {{"version", hello.at("sqlite").at("version")},
                         {"source_id", hello.at("sqlite").at("source_id")}};
    }
    session_.record_event("observer", tick_, event);
    if (hello.is_null()) reap(writer, pid, {});
  }

  struct Course {  // of a worker, up to its end
    bool kill_ordered = false, said_bye = false;
  };

  void reap(const std::string& writer, Course course) { reap(writer, workers().forget(writer), course); }

  // Reaped by the process that spawned it: nobody else could.
  void reap(const std::string& writer, pid_t pid, Course course) {
    note_ended(writer, pid, ask_to_reap(writer, pid, /*end=*/false), course);
  }

  Message ask_to_reap(const std::string& writer, pid_t pid, bool end) {
    Message message = session_.step_message("reap", tick_);
    message["pid"] = pid;
    if (end) message["end"] = true;
    return session_.processes().process(spawned_by_[writer]).peer().call(message, kStepPatienceMs);
  }

  void note_ended(const std::string& writer, pid_t pid, const Message& done, Course course) {
    session_.record_event("observer", tick_,
                          {{"event", "worker-ended"},
                           {"writer", writer},
                           {"exit_code", done.value("exit_code", Message())},
                           {"signal", done.value("signal", Message())}});
    spawned_by_.erase(writer);
    pids_.erase(writer);
    const std::optional<os::ExitStatus> status = reaped_status(done);
    if (!ended_as_ordered(status, course.kill_ordered, course.said_bye))
      session_.record_death(writer, pid, status, tick_);
  }

  void stop_workers() {
    for (const std::string& writer : workers().alive()) {
      reap(writer, {.said_bye = hears_bye(writer, /*after_stop=*/true)});
    }
  }

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
    if (Message sidecars = session_.take_sidecars(); !sidecars.empty())
      line["sidecars"] = std::move(sidecars);
    session_.append(line);
  }

  void sample() {
    const Message ledgers = session_.call_subject(session_.step_message("ledger", tick_));
    Message line = {{"type", "sample"}, {"tick", tick_}, {"quiet", true}};
    line.update(session_.sampler().sample(ledgers));
    session_.append(line);
    ++samples_;
  }

  const os::RunFolder& folder_;
  const Listener& listener_;
  CellSession session_;
  Conductor conductor_;
  std::map<std::string, std::string> spawned_by_;  // writer -> process
  std::map<std::string, pid_t> pids_;              // of the same writers
  std::set<std::string> staying_;                  // workers that have completed their task and live on
  std::int64_t dispatch_thread_ = 0;               // of the subject's pool, in the tick that runs
  std::int64_t tick_ = -1;
  std::int64_t samples_ = 0;
};

}  // namespace

void run_lockstep_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener) {
  LockstepCell(cell, folder, listener).run();
}

}  // namespace walsoak::lab
