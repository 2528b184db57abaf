#include "harness/subject/gateway/conversation.h"

#include <optional>
#include <stdexcept>

#include "harness/base/os/clock.h"
#include "harness/base/os/event_loop.h"
#include "harness/boards/sqlite/counting_vfs.h"
#include "harness/boards/sqlite/ledger_json.h"
#include "harness/protocol/hello.h"
#include "harness/subject/gateway/jobs.h"
#include "harness/subject/gateway/steps.h"

namespace walsoak::subject {
namespace {

using protocol::Message;

const Message kCapabilities = {"lockstep",        "free", "spawn", "vfs-ledger", "collector-every-n",
                               "close-checkpoint"};

Message hello() {
  Message message = protocol::hello("subject", "walsoak-subject", sqlite::to_json(sqlite::loaded_library()));
  message["capabilities"] = kCapabilities;
  return message;
}

Message declared(const Declaration& declaration) {
  return {{"name", declaration.name},
          {"summary", declaration.summary},
          {"executor", declaration.executor == Executor::dedicated ? "dedicated" : "pool"},
          {"affinity", sqlite::name_of(declaration.affinity)},
          {"holds_connections", declaration.holds_connections},
          {"drops_connections", declaration.drops_connections}};
}

std::vector<board::Board> boards_of(const Message& cell) {
  std::vector<board::Board> boards;
  for (const Message& entry : cell.at("boards")) {
    boards.push_back(
        {entry.at("name").get<std::string>(), entry.at("path").get<std::string>(), boards.size()});
  }
  return boards;
}

std::map<std::string, std::optional<std::string>> environment_of(const Message& worker) {
  std::map<std::string, std::optional<std::string>> environment;
  if (!worker.contains("env")) return environment;
  for (const auto& [name, value] : worker.at("env").items()) {
    environment[name] = value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
  }
  return environment;
}

// Everything that lives as long as a cell.
struct Cell {
  Cell(const Message& message, sqlite::VfsLedger& vfs_ledger)
      : vfs(vfs_ledger),
        gateway(Settings::from_json(message.at("settings")), boards_of(message), api),
        spawner(message.at("worker").at("argv").get<std::vector<std::string>>(),
                environment_of(message.at("worker")), gateway.settings().workers,
                message.value("worker_prefix", "w")),
        log(message.at("ack_dir").get<std::string>(), message.value("writer", "dispatcher")),
        slash_log(message.at("ack_dir").get<std::string>(), "slash"),
        context{gateway,  spawner, log, slash_log, message.at("ack_dir").get<std::string>(),
                children, api,     vfs} {}

  sqlite::VfsLedger& vfs;
  sqlite::ApiLedger api;
  Gateway gateway;
  Spawner spawner;
  board::AcknowledgementLog log, slash_log;
  std::map<std::int64_t, ForkedChild> children;
  StepContext context;
};

// The conversation of one subject, carried out by its event loop: in lockstep a step blocks it, and nothing
// else goes on there.
class Conversation {
 public:
  explicit Conversation(protocol::Channel& channel)
      : channel_(channel), vfs_(sqlite::install_counting_vfs()), loop_(os::system_clock()) {}

  int hold() {
    channel_.send(hello());
    loop_.watch(channel_.read_descriptor(), [this] { read(); });
    loop_.run();
    return exit_code_;
  }

 private:
  void read() {
    const bool open = channel_.fill();
    while (const std::optional<Message> message = channel_.take_buffered()) {
      accept(*message);
      if (exit_code_ == 0) return;
    }
    if (open) return;
    // At its end the stream would stay readable for ever.
    loop_.forget(channel_.read_descriptor());
    heard_ = false;
    end([this] { loop_.stop(); });
  }

  void accept(const Message& message) {
    const std::string type = message.at("type").get<std::string>();
    if (type == "cell") {
      begin(message);
    } else if (type == "step" && cell_) {
      step(message);
    } else if (type == "run" && cell_) {
      jobs_.emplace(loop_, cell_->context, [this](const Message& told) {
        if (heard_) channel_.send(told);
      });
      jobs_->start(message);
      channel_.send(done(message));
    } else if (type == "pause") {
      end([this, answer = done(message)] { channel_.send(answer); });
    } else if (type == "stop") {
      end([this] { finish(); });
    } else {
      throw std::runtime_error("a message of type " + type + " was not expected here");
    }
  }

  static Message done(const Message& message) {
    Message answer = protocol::make("done");
    answer["id"] = message.at("id");
    answer["ok"] = true;
    return answer;
  }

  void begin(const Message& message) {
    cell_.emplace(message, vfs_);
    if (cell_->gateway.settings().held_connection == Switch::on) cell_->gateway.open_held();
    Message answer = done(message);
    answer["strategy"] = declared(declaration_of(cell_->gateway.settings().strategy));
    channel_.send(answer);
  }

  void step(const Message& message) {
    const std::int64_t patience_us = message.value("quiet_within_us", std::int64_t{0});
    if (jobs_ && patience_us > 0) {
      jobs_->when_quiet(patience_us, [this, message] { answer_step(message); });
    } else {
      answer_step(message);
    }
  }

  void answer_step(const Message& message) {
    Message answer = carry_out(cell_->context, message);
    if (jobs_ && message.at("step") == "ledger") {
      answer["in_flight"] = jobs_->in_flight();
      answer["begun"] = jobs_->begun();
    }
    channel_.send(answer);
  }

  // What is in flight comes to its end first.
  void end(std::function<void()> when_idle) {
    if (jobs_) {
      jobs_->pause(std::move(when_idle));
    } else {
      when_idle();
    }
  }

  void finish() {
    Message bye = protocol::make("bye");
    if (cell_) {
      cell_->gateway.close_everything(0);
      add_ledgers(bye, cell_->context);
    }
    channel_.send(bye);
    exit_code_ = 0;
    loop_.stop();
  }

  protocol::Channel& channel_;
  sqlite::VfsLedger& vfs_;
  os::EventLoop loop_;
  std::optional<Cell> cell_;
  std::optional<Jobs> jobs_;
  bool heard_ = true;  // until the observer is gone
  int exit_code_ = 4;  // of a conversation that breaks off
};

}  // namespace

int converse(protocol::Channel& channel) {
  return Conversation(channel).hold();
}

Message describe() {
  Message strategies = Message::array();
  for (const Declaration& declaration : declared_strategies()) strategies.push_back(declared(declaration));
  return {{"strategies", std::move(strategies)},
          {"capabilities", kCapabilities},
          {"sqlite", sqlite::to_json(sqlite::loaded_library())},
          {"sqlite_built_in", sqlite::built_in()}};
}

}  // namespace walsoak::subject
