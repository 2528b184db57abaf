#include "harness/subject/checker/checker.h"

#include <functional>
#include <optional>
#include <stdexcept>

#include "harness/base/os/clock.h"
#include "harness/boards/board/adopt.h"
#include "harness/boards/board/outcome.h"
#include "harness/boards/board/restore.h"
#include "harness/boards/board/seed.h"
#include "harness/boards/sqlite/ledger_json.h"
#include "harness/protocol/hello.h"
#include "harness/subject/checker/look.h"

namespace walsoak::checker {
namespace {

using board::Board;
using protocol::Message;

void each_board(const Message& step, Message& done, const std::function<void(const Board&, Message&)>& act) {
  std::size_t index = 0;
  for (const Message& named : step.at("boards")) {
    const Board board{named.at("name").get<std::string>(), named.at("path").get<std::string>(), index++};
    Message entry = {{"board", board.name}, {"ok", true}};
    board::guarded(entry, [&] {
      act(board, entry);
      return true;
    });
    if (entry["ok"] == false) done["ok"] = false;
    done["boards"].push_back(std::move(entry));
  }
}

void seed(const Message& step, Message& done) {
  const Settings settings = Settings::from_json(step.at("settings"));
  const auto now_s = step.at("time_s").get<std::int64_t>();
  // The copy of the template lies at the first board's path; the others are copies of what became of it.
  const std::string source = step.value("template", "");
  std::optional<Board> adopted;
  each_board(step, done, [&](const Board& board, Message&) {
    if (source.empty()) {
      board::seed_board(board, settings, now_s);
    } else if (board.index == 0) {
      board::adopt_board(board, settings, now_s, source);
      adopted = board;
    } else if (adopted) {
      board::copy_adopted(*adopted, board);
    }
  });
}

void outside(const Message& step, Message& done) {
  const std::filesystem::path scratch = step.at("copy_dir").get<std::string>();
  const bool copied = step.value("how", std::string{}) == "byte copy";
  each_board(step, done, [&](const Board& board, Message& entry) {
    const Look look = copied ? look_at_copy(board, scratch) : look_outside(board, scratch);
    entry["rows"] = Message(look.rows);
    entry["how"] = look.how;
  });
}

void restore(const Message& step, Message& done) {
  const std::string source = step.at("source").get<std::string>();
  each_board(step, done, [&](const Board& board, Message&) { board::restore_board(board, source); });
}

void final_look(const Message& step, Message& done) {
  const std::filesystem::path folder = step.at("copy_dir").get<std::string>();
  each_board(step, done, [&](const Board& board, Message& entry) {
    entry["integrity"] = nullptr;
    BoardCopy copy(board, folder / board.name);
    entry["integrity"] = copy.integrity();  // known even where the rows cannot be read
    entry["rows"] = Message(copy.rows());
  });
}

Message carry_out(const Message& step) {
  Message done = protocol::make("done");
  done["id"] = step.at("id");
  done["ok"] = true;
  const std::string name = step.at("step").get<std::string>();
  const std::int64_t begin = os::system_clock().monotonic_us();
  if (name == "seed") {
    seed(step, done);
  } else if (name == "outside") {
    outside(step, done);
  } else if (name == "restore") {
    restore(step, done);
  } else if (name == "final") {
    final_look(step, done);
  } else {
    throw std::invalid_argument("unknown step " + name);
  }
  done["latency_us"] = os::system_clock().monotonic_us() - begin;
  return done;
}

}  // namespace

int converse(protocol::Channel& channel) {
  channel.send(protocol::hello("checker", "walsoak-checker", sqlite::to_json(sqlite::loaded_library())));
  while (const std::optional<Message> message = channel.receive()) {
    const std::string type = message->at("type").get<std::string>();
    if (type == "step") {
      channel.send(carry_out(*message));
    } else if (type == "stop") {
      channel.send(protocol::make("bye"));
      return 0;
    } else {
      throw std::runtime_error("a message of type " + type + " was not expected here");
    }
  }
  return 4;
}

}  // namespace walsoak::checker
