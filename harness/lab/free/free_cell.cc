// A free-running cell: the subject, its workers and the processes besides it live on their own clocks; this
// end samples them, and sums up what they tell.
#include <unistd.h>

#include <algorithm>

#include "harness/base/os/clock.h"
#include "harness/base/os/event_loop.h"
#include "harness/base/os/signals.h"
#include "harness/base/proc/descriptor_table.h"
#include "harness/base/proc/process_status.h"
#include "harness/base/shared/errors.h"
#include "harness/lab/free/activity.h"
#include "harness/lab/free/free_cell.h"
#include "harness/lab/free/free_jobs.h"
#include "harness/lab/free/free_workers.h"
#include "harness/lab/session/cell_session.h"
#include "harness/lab/session/fault_acts.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

// A look at the kernel's tables is quiet where nothing was in flight around it. So often it is tried, each
// time as soon as the subject says that it has come to rest; it is asked to wait for that no longer than
// this.
constexpr int kQuietTries = 6;
constexpr std::int64_t kQuietPatienceUs = 200000;

// inotify's queue holds 16384 events by default.
constexpr std::int64_t kDrainUs = 500000;
// A subject that tells of no tick for so many intervals is sampled without one.
constexpr std::int64_t kSilentIntervals = 3;
constexpr std::int64_t kSilentLeastUs = 10000000;

class FreeCell {
 public:
  FreeCell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener)
      : folder_(folder), listener_(listener), session_(cell, folder, listener), loop_(os::system_clock()) {}

  void run() {
    session_.run([this] { live(); }, [this] { return tick_; });
  }

 private:
  void live() {
    session_.start([this](const std::string& process, const Message& message) { accept(process, message); },
                   /*columns=*/true);
    sample(loop_.clock().monotonic_us());
    begin();
    loop_.run();
    pause();
    sample(loop_.clock().monotonic_us());
    Message counts = {{"samples", samples_}, {"ticks", ran_}, {"missed", missed_}};
    if (!aborted_.empty()) counts["aborted"] = aborted_;
    session_.check_data(
        tick_, [this] { workers_->stop(); }, counts);
  }

  const Settings& settings() const { return session_.settings(); }
  Peer& subject() { return session_.processes().subject().peer(); }

  void begin() {
    if (os::stop_descriptor() >= 0) {
      loop_.watch(os::stop_descriptor(), [] {
        if (const int signal = os::stop_signal()) throw Stopped(signal);
      });
    }
    t0_us_ = loop_.clock().monotonic_us();
    workers_.emplace(
        loop_, session_.processes(), settings(), t0_us_,
        FreeWorkers::Handlers{
            [this](const std::string&, const Message& tick) { activity_.add("visit", tick); },
            [this](const std::string& source, const Message& event) {
              session_.record_event(source, tick_, event);
            },
            [this](const std::string& writer, pid_t pid, const std::optional<os::ExitStatus>& status) {
              session_.record_death(writer, pid, status, tick_);
            }});
    faults_.emplace(session_, folder_, [this](std::int64_t count) { return workers_->kill(count); });
    watch(subject());
    run_jobs(subject(), gateway_jobs(settings()), t0_us_);
    for (OtherProcess& other : session_.processes().others()) {
      watch(other.child->peer());
      // Half an interval later: two dispatchers of one machine do not tick at the same moment by design.
      if (other.name == kReader) continue;
      const bool dispatcher = other.name == kSecondDispatcher;
      run_jobs(other.child->peer(), jobs_of_role(role_of(other.name), settings()),
               t0_us_ + (dispatcher ? real_us(settings().tick_interval_s, settings()) / 2 : 0));
    }
    if (faults_->any()) break_things(0);
    drain();
    if (settings().sample_interval_s > 0) sample_on_time(1);
    look_for_silence();
  }

  void watch(Peer& peer) {
    loop_.watch(peer.descriptor(), [&peer] {
      const bool open = peer.pump([&peer](const Message&) {
        throw Failed(fmt::format("{}: expected nothing but ticks and events, found {}", peer.name(),
                                 peer.last_said()));
      });
      if (!open) peer.fail_ended("ended in mid-conversation");
    });
  }

  void run_jobs(Peer& peer, Message jobs, std::int64_t t0_us) {
    Message run = protocol::make("run");
    run["id"] = 0;
    run["t0_us"] = t0_us;
    run["epoch_s"] = kBoardsEpochS;
    run["time_scale"] = settings().time_scale;
    run["jobs"] = std::move(jobs);
    peer.call(run, kStepPatienceMs);
  }

  // Faults come half an interval before their tick: behind the tick before, which is short against that.
  void break_things(std::int64_t tick) {
    const std::int64_t interval_us = real_us(settings().tick_interval_s, settings());
    loop_.at(t0_us_ + tick * interval_us + interval_us / 2, [this, tick] {
      faults_->before_tick(tick);
      break_things(tick + 1);
    });
  }

  // ---- what the processes tell

  void accept(const std::string& process, const Message& message) {
    if (message.at("type") == "tick") {
      accept_tick(process, message);
    } else if (message.value("event", "") == "job-ended") {
      if (process != "subject" || message.at("job") != "tick") return;
      missed_ = message.at("missed").get<std::int64_t>();
      loop_.stop();
    } else {
      session_.record_event(process, tick_, message);
    }
  }

  void accept_tick(const std::string& process, const Message& tick) {
    workers_->note(process, tick);
    if (process == "subject") lag_us_ = std::max(lag_us_, tick.at("lag_us").get<std::int64_t>());
    const auto& job = tick.at("job").get_ref<const std::string&>();
    if (process != "subject" || job != "tick") {
      activity_.add(job, tick);
      return;
    }
    tick_ = tick.at("slot").get<std::int64_t>();
    ++ran_;
    record_tick(tick);
    listener_.on_tick(tick_ + 1, settings().ticks);
    if (settings().sample_interval_s == 0 && (tick_ + 1) % settings().sample_every == 0) {
      order_sample();
    }
  }

  void record_tick(const Message& tick) {
    Message line = {{"type", "tick"}, {"tick", tick_}};
    for (const char* key : {"t_us", "late_us", "missed", "ok"}) line[key] = tick.at(key);
    line["lag_us"] = std::exchange(lag_us_, 0);
    line["steps"] = Message::object();
    for (const Message& step : tick.at("steps")) {
      Message entry = {
          {"ok", step.at("ok")}, {"latency_us", step.at("latency_us")}, {"wait_us", step.at("wait_us")}};
      const Message boards = step.value("boards", Message::array());
      if (step.contains("freed")) entry["freed"] = step.at("freed");
      if (!boards.empty()) {
        const bool looked = std::any_of(boards.begin(), boards.end(),
                                        [](const Message& board) { return board.value("looked", true); });
        if (!looked) entry["looked"] = false;
        for (const Message& board : boards) {
          if (board.value("locked_out", false)) entry["locked_out"].push_back(board.at("board"));
        }
        if (Message failed = grouped_failures(boards); !failed.empty()) entry["failed"] = std::move(failed);
      }
      line["steps"][step.at("step").get<std::string>()] = std::move(entry);
    }
    session_.append(line);
  }

  // ---- samples

  // Not from within a message: a sample asks the subject, whose message is being read. One that is due while
  // another waits is not taken: it would show the same moment.
  void order_sample() {
    if (std::exchange(sample_ordered_, true)) return;
    loop_.post([this, due_us = loop_.clock().monotonic_us()] {
      sample_ordered_ = false;
      sample(due_us);
    });
  }

  void sample_on_time(std::int64_t number) {
    const std::int64_t due_us =
        t0_us_ + number * static_cast<std::int64_t>(settings().sample_interval_s * 1e6);
    loop_.at(due_us, [this, due_us, number] {
      sample(due_us);
      sample_on_time(number + 1);
    });
  }

  void look_for_silence() {
    const std::int64_t every_us =
        std::max(kSilentLeastUs, kSilentIntervals * settings().sample_every *
                                     real_us(settings().tick_interval_s, settings()));
    loop_.at(loop_.clock().monotonic_us() + every_us, [this, seen = samples_] {
      if (samples_ == seen) sample(loop_.clock().monotonic_us());
      look_for_silence();
    });
  }

  Message ledger(std::int64_t quiet_within_us = 0) {
    Message step = session_.step_message("ledger", tick_);
    if (quiet_within_us > 0) step["quiet_within_us"] = quiet_within_us;
    return session_.call_subject(step);
  }

  // A collection may close connections where no step is in flight: the ledgers themselves must not have
  // moved.
  static bool is_quiet(const Message& before, const Message& after) {
    return before.value("in_flight", 0) == 0 && after.value("in_flight", 0) == 0 &&
           before.value("begun", 0) == after.value("begun", 0) && before.at("api") == after.at("api") &&
           before.at("vfs") == after.at("vfs");
  }

  // The kernel's tables between two answers of the subject, with nothing in flight in either and nothing
  // begun in between; loud where the subject is too busy for that.
  Message look(bool& quiet) {
    for (int i = 0;; ++i) {
      const Message before = ledger(kQuietPatienceUs);
      Message seen = session_.sampler().sample(before);
      const Message after = ledger();
      quiet = is_quiet(before, after);
      if (quiet || i + 1 == kQuietTries) {
        seen["subject"] = Message::object();
        for (const char* key : {"affinity_errors", "lock_wait_us"})
          seen["subject"][key] = after.value(key, Message());
        return seen;
      }
    }
  }

  void sample(std::int64_t due_us) {
    bool quiet = false;
    const Message seen = look(quiet);
    const std::int64_t now_us = loop_.clock().monotonic_us();
    Message line = {
        {"type", "sample"}, {"tick", tick_}, {"t_us", t0_us_ == 0 ? 0 : now_us - t0_us_}, {"quiet", quiet}};
    line["boards"] = Message::object();
    for (const auto& [board, values] : seen.at("boards").items()) {
      line["boards"][board] = Message::array();
      for (const auto& [key, value] : values.items()) line["boards"][board].push_back(value);
    }
    line["process"] = seen.at("process");
    line["subject"] = seen.at("subject");
    const auto own = os::read_process_status(::getpid());
    const auto table = os::read_descriptor_table(::getpid());
    line["harness"] = {{"rss_bytes", own && own->rss_bytes ? Message(*own->rss_bytes) : Message()},
                       {"descriptors", table ? Message(table->size()) : Message()},
                       {"jitter_us", now_us - due_us}};
    take_sidecars();
    line["sidecars"] = Message::object();
    for (const auto& [board, changes] : sidecars_)
      line["sidecars"][board] = changes ? changes->to_json() : Message();
    sidecars_.clear();
    line["activity"] = activity_.take();
    session_.append(line);
    ++samples_;
    if (!aborted_.empty() || !listener_.end_now) return;
    aborted_ = listener_.end_now();
    if (!aborted_.empty()) loop_.stop();
  }

  void drain() {
    take_sidecars();
    loop_.at(loop_.clock().monotonic_us() + kDrainUs, [this] { drain(); });
  }

  void take_sidecars() {
    for (const auto& [board, changes] : session_.sidecars().take()) {
      if (changes && !changes->any()) continue;
      const auto [known, fresh] = sidecars_.try_emplace(board, changes);
      if (fresh) continue;
      if (!changes || !known->second) {
        known->second.reset();
      } else {
        known->second->add(*changes);
      }
    }
  }

  // Everybody finishes what is in flight and begins nothing more.
  void pause() {
    Message message = protocol::make("pause");
    message["id"] = 0;
    subject().call(message, kStepPatienceMs);
    for (OtherProcess& other : session_.processes().others())
      other.child->peer().call(message, kStepPatienceMs);
    workers_->pause();
  }

  const os::RunFolder& folder_;
  const Listener& listener_;
  CellSession session_;
  os::EventLoop loop_;
  std::optional<FreeWorkers> workers_;
  std::optional<Faults> faults_;
  Activity activity_;
  observer::SidecarCounts sidecars_;
  bool sample_ordered_ = false;
  std::int64_t t0_us_ = 0;
  std::int64_t lag_us_ = 0;  // the event loop's worst since the last line of a tick
  std::string aborted_;      // the threshold that ended the cell early, or empty
  std::int64_t tick_ = -1;
  std::int64_t ran_ = 0, missed_ = 0, samples_ = 0;
};

}  // namespace

void run_free_cell(const scenario::Cell& cell, const os::RunFolder& folder, const Listener& listener) {
  FreeCell(cell, folder, listener).run();
}

}  // namespace walsoak::lab
