#include "harness/subject/conversation.h"

#include <optional>
#include <stdexcept>

#include "harness/protocol/hello.h"
#include "harness/sqlite/counting_vfs.h"
#include "harness/sqlite/ledger_json.h"
#include "harness/subject/steps.h"

namespace walsoak::subject {
namespace {

using protocol::Message;

const Message kCapabilities = {"lockstep", "spawn", "vfs-ledger", "collector-every-n"};

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
                environment_of(message.at("worker")), gateway.settings().workers),
        log(message.at("ack_dir").get<std::string>(), "dispatcher"),
        context{gateway, spawner, log, api, vfs} {}

  sqlite::VfsLedger& vfs;
  sqlite::ApiLedger api;
  Gateway gateway;
  Spawner spawner;
  board::AcknowledgementLog log;
  StepContext context;
};

Message begin(std::optional<Cell>& cell, const Message& message, sqlite::VfsLedger& vfs) {
  cell.emplace(message, vfs);
  if (cell->gateway.settings().held_connection == Switch::on) cell->gateway.open_held();
  Message done = protocol::make("done");
  done["id"] = message.at("id");
  done["ok"] = true;
  done["strategy"] = declared(declaration_of(cell->gateway.settings().strategy));
  return done;
}

Message finish(std::optional<Cell>& cell) {
  Message bye = protocol::make("bye");
  if (cell) {
    cell->gateway.close_everything(0);
    add_ledgers(bye, cell->context);
  }
  return bye;
}

}  // namespace

int converse(protocol::Channel& channel) {
  sqlite::VfsLedger& vfs = sqlite::install_counting_vfs();
  channel.send(hello());
  std::optional<Cell> cell;
  while (const std::optional<Message> message = channel.receive()) {
    const std::string type = message->at("type").get<std::string>();
    if (type == "cell") {
      channel.send(begin(cell, *message, vfs));
    } else if (type == "step" && cell) {
      channel.send(carry_out(cell->context, *message));
    } else if (type == "stop") {
      channel.send(finish(cell));
      return 0;
    } else {
      throw std::runtime_error("a message of type " + type + " was not expected here");
    }
  }
  return 4;
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
