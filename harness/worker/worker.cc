#include "harness/worker/worker.h"

#include <signal.h>

#include <memory>
#include <optional>
#include <stdexcept>

#include "harness/board/connect.h"
#include "harness/board/outcome.h"
#include "harness/board/visits.h"
#include "harness/os/clock.h"
#include "harness/protocol/hello.h"
#include "harness/sqlite/counting_vfs.h"
#include "harness/sqlite/ledger_json.h"

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
    if (step.at("op") == "complete") held_.reset();
    done["boards"] = Message::array({std::move(entry)});
    done["latency_us"] = os::system_clock().monotonic_us() - begin;
    return done;
  }

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

}  // namespace

int converse(protocol::Channel& channel, const Assignment& assignment) {
  sqlite::VfsLedger& vfs = sqlite::install_counting_vfs();
  channel.send(hello(assignment));
  std::optional<Worker> worker;
  const auto say_bye = [&] {
    if (worker) worker->close();
    Message bye = protocol::make("bye");
    bye["vfs"] = sqlite::to_json(vfs.of(assignment.board.path));
    channel.send(bye);
    return 0;
  };
  while (const std::optional<Message> message = channel.receive()) {
    const std::string type = message->at("type").get<std::string>();
    if (type == "cell") {
      worker.emplace(assignment, *message);
    } else if (type == "step" && worker) {
      Message done = worker->visit(*message);
      done["vfs"] = sqlite::to_json(vfs.of(assignment.board.path));
      channel.send(done);
      if (message->at("op") == "complete") return say_bye();
    } else if (type == "stop") {
      return say_bye();
    } else {
      throw std::runtime_error("a message of type " + type + " was not expected here");
    }
  }
  return 4;
}

}  // namespace walsoak::worker
