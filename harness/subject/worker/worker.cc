#include "harness/subject/worker/worker.h"

#include <signal.h>

#include <memory>
#include <optional>
#include <stdexcept>

#include "harness/base/os/clock.h"
#include "harness/base/os/event_loop.h"
#include "harness/base/os/signals.h"
#include "harness/boards/board/connect.h"
#include "harness/boards/board/outcome.h"
#include "harness/boards/board/visits.h"
#include "harness/boards/sqlite/counting_vfs.h"
#include "harness/boards/sqlite/ledger_json.h"
#include "harness/protocol/hello.h"

namespace walsoak::worker {
namespace {

using board::WorkerOperation;
using protocol::Message;
using sqlite::Connection;

WorkerOperation operation_of(const std::string& name) {
  if (name == "claim") return WorkerOperation::claim;
  if (name == "heartbeat") return WorkerOperation::heartbeat;
  if (name == "complete") return WorkerOperation::complete;
  throw std::invalid_argument("unknown visit " + name);
}

// Counts down the statements that SQLite begins on a connection and kills this process before the one that is
// due.
class KillSwitch {
 public:
  KillSwitch(Connection& connection, int statements) : handle_(connection.handle()), left_(statements) {
    if (left_ > 0) sqlite3_trace_v2(handle_, SQLITE_TRACE_STMT, before_statement, this);
  }
  ~KillSwitch() {
    if (left_ > 0) sqlite3_trace_v2(handle_, 0, nullptr, nullptr);
  }
  KillSwitch(const KillSwitch&) = delete;
  KillSwitch& operator=(const KillSwitch&) = delete;

 private:
  static int before_statement(unsigned, void* self, void*, void*) {
    if (--static_cast<KillSwitch*>(self)->left_ == 0) ::raise(SIGKILL);
    return 0;
  }

  sqlite3* handle_;
  int left_;
};

class Worker {
 public:
  Worker(const Assignment& assignment, const Message& cell)
      : assignment_(assignment),
        settings_(Settings::from_json(cell.at("settings"))),
        log_(cell.at("ack_dir").get<std::string>(), assignment.writer),
        connector_(settings_, api_) {}

  Message visit(const Message& step) {
    const std::int64_t begin = os::system_clock().monotonic_us();
    Message done = protocol::make("done");
    done["id"] = step.at("id");
    done["ok"] = true;
    Message entry = {{"board", assignment_.board.name}, {"ok", true}};
    board::guarded(entry, [&] {
      carry_out(step);
      return true;
    });
    if (entry["ok"] == false) {
      done["ok"] = false;
      held_.reset();  // a worker that met an error starts afresh
    }
    if (step.at("op") == "complete" && !stays()) held_.reset();
    done["boards"] = Message::array({std::move(entry)});
    done["latency_us"] = os::system_clock().monotonic_us() - begin;
    return done;
  }

  // Behind its completed task.
  bool stays() const { return settings_.finished_worker == FinishedWorker::stays; }
  bool has_reaper() const { return settings_.worker_reaper == Switch::on; }
  void close() { held_.reset(); }

 private:
  void carry_out(const Message& step) {
    const sqlite::ActorScope scope(sqlite::Actor::worker);
    if (!held_)
      held_ = connector_.connect(assignment_.board, sqlite::Actor::worker, sqlite::Affinity::owner_thread);
    {
      const KillSwitch kill(*held_, step.value("kill_at", 0));
      board::worker_visit(*held_, log_, assignment_.board.name, assignment_.task,
                          operation_of(step.at("op").get<std::string>()),
                          step.at("time_s").get<std::int64_t>(), settings_);
    }
    if (settings_.worker_connection == WorkerConnection::per_op) held_.reset();
  }

  const Assignment& assignment_;
  const Settings settings_;
  sqlite::ApiLedger api_;
  board::AcknowledgementLog log_;
  board::Connector connector_;
  std::unique_ptr<Connection> held_;  // between two visits only where the setting says so
};

Message hello(const Assignment& assignment) {
  Message message = protocol::hello("worker", "walsoak-worker", sqlite::to_json(sqlite::loaded_library()));
  message["writer"] = assignment.writer;
  message["board"] = assignment.board.name;
  message["task"] = assignment.task;
  return message;
}

// What a worker does in a free-running cell: claims, comes back at fixed intervals, completes with its last
// visit.
struct Life {
  explicit Life(const Message& run)
      : t0_us(run.at("t0_us").get<std::int64_t>()),
        epoch_s(run.at("epoch_s").get<std::int64_t>()),
        time_scale(run.at("time_scale").get<double>()),
        visits(run.at("visits").get<std::int64_t>()),
        interval_us(run.at("interval_us").get<std::int64_t>()) {
    const Message kill = run.value("kill", Message());
    if (kill.is_null()) return;
    kill_visit = kill.at("visit").get<std::int64_t>();
    kill_at = kill.at("at").get<int>();
  }

  Message step(std::int64_t visit, std::int64_t now_us) const {
    Message message = {{"id", nullptr}};
    message["op"] = visit == 1 ? "claim" : visit >= visits ? "complete" : "heartbeat";
    message["time_s"] =
        epoch_s + static_cast<std::int64_t>(static_cast<double>(now_us - t0_us) * time_scale / 1e6);
    if (visit == kill_visit) message["kill_at"] = kill_at;
    return message;
  }

  std::int64_t t0_us, epoch_s;
  double time_scale;
  std::int64_t visits, interval_us;
  std::int64_t kill_visit = 0;
  int kill_at = 0;
};

class Conversation {
 public:
  Conversation(protocol::Channel& channel, const Assignment& assignment)
      : channel_(channel),
        assignment_(assignment),
        vfs_(sqlite::install_counting_vfs()),
        loop_(os::system_clock()) {}

  int hold() {
    channel_.send(hello(assignment_));
    loop_.watch(channel_.read_descriptor(), [this] { read(); });
    loop_.run();
    return exit_code_;
  }

 private:
  void read() {
    const bool open = channel_.fill();
    while (const std::optional<Message> message = channel_.take_buffered()) {
      accept(*message);
      if (loop_.stopped()) return;
    }
    if (!open) loop_.stop();
  }

  void accept(const Message& message) {
    const std::string type = message.at("type").get<std::string>();
    if (type == "cell") {
      begin(message);
    } else if (type == "step" && worker_) {
      channel_.send(visit(message));
      if (message.at("op") == "complete") finish();
    } else if (type == "run" && worker_) {
      life_.emplace(message);
      visit_on_time(1, loop_.clock().monotonic_us());
    } else if (type == "kill" && life_) {
      kill_next_at_ = message.at("at").get<int>();
    } else if (type == "pause") {
      paused_ = true;
      Message done = protocol::make("done");
      done["id"] = message.at("id");
      done["ok"] = true;
      channel_.send(done);
    } else if (type == "stop") {
      say_bye();
    } else {
      throw std::runtime_error("a message of type " + type + " was not expected here");
    }
  }

  Message visit(const Message& step) {
    Message done = worker_->visit(step);
    done["vfs"] = sqlite::to_json(vfs_.of(assignment_.board.path));
    return done;
  }

  void visit_on_time(std::int64_t number, std::int64_t begun_us) {
    if (paused_) return;
    Message step = life_->step(number, loop_.clock().monotonic_us());
    if (kill_next_at_ != 0) step["kill_at"] = kill_next_at_;
    Message told = protocol::make("tick");
    told["job"] = "visit";
    told["op"] = step.at("op");
    const Message done = visit(step);
    for (const char* key : {"ok", "latency_us", "boards", "vfs"}) told[key] = done.at(key);
    channel_.send(told);
    if (number >= life_->visits) return finish();
    loop_.at(begun_us + number * life_->interval_us,
             [this, number, begun_us] { visit_on_time(number + 1, begun_us); });
  }

  // Its task is completed. One that stays waits for a stop of the observer's or the reaper's SIGTERM.
  void finish() {
    if (!worker_->stays()) say_bye();
  }

  void begin(const Message& cell) {
    worker_.emplace(assignment_, cell);
    if (!worker_->has_reaper()) return;
    os::note_stop_signals();
    loop_.watch(os::stop_descriptor(), [this] { say_bye(); });
  }

  void say_bye() {
    if (worker_) worker_->close();
    Message bye = protocol::make("bye");
    bye["vfs"] = sqlite::to_json(vfs_.of(assignment_.board.path));
    channel_.send(bye);
    exit_code_ = 0;
    loop_.stop();
  }

  protocol::Channel& channel_;
  const Assignment& assignment_;
  sqlite::VfsLedger& vfs_;
  os::EventLoop loop_;
  std::optional<Worker> worker_;
  std::optional<Life> life_;
  bool paused_ = false;
  int kill_next_at_ =
      0;               // a fault: the statement of the next visit before which this process dies; 0 is none
  int exit_code_ = 4;  // of a conversation that breaks off
};

}  // namespace

int converse(protocol::Channel& channel, const Assignment& assignment) {
  return Conversation(channel, assignment).hold();
}

}  // namespace walsoak::worker
