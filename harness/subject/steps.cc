#include "harness/subject/steps.h"

#include <functional>
#include <stdexcept>

#include "harness/board/dispatch.h"
#include "harness/board/outcome.h"
#include "harness/board/visits.h"
#include "harness/os/clock.h"

namespace walsoak::subject {
namespace {

using board::Board;
using protocol::Message;
using sqlite::Actor;
using sqlite::Connection;

std::int64_t thread_of(const Message& step) {
  return step.value("thread", std::int64_t{0});
}

// Runs `act` over the boards on the actor's thread until it returns false, one entry a board that was looked
// at.
void over_boards(const StepContext& context, const Message& step, Actor actor, Message& done,
                 const std::function<bool(const Board&, Message&)>& act) {
  context.gateway.thread_for(actor, thread_of(step)).run([&] {
    for (const Board& board : context.gateway.boards()) {
      Message entry;
      entry["board"] = board.name;
      entry["ok"] = true;
      const bool go_on = board::guarded(entry, [&] { return act(board, entry); });
      if (entry["ok"] == false) done["ok"] = false;
      done["boards"].push_back(std::move(entry));
      if (!go_on) return;
    }
  });
}

// The same for acts that are one use of one connection and go on to the next board.
void over_connections(const StepContext& context, const Message& step, Actor actor, Message& done,
                      const std::function<void(Connection&, Message&)>& act) {
  over_boards(context, step, actor, done, [&](const Board& board, Message& entry) {
    if (!context.gateway.use(board, actor, [&](Connection& c) { act(c, entry); })) entry["looked"] = false;
    return true;
  });
}

void triage(const StepContext& context, const Message& step, Message& done) {
  if (context.gateway.settings().auto_decompose == AutoDecompose::off) return;
  over_connections(context, step, Actor::triage, done, [](Connection& connection, Message& entry) {
    entry["tasks"] = board::list_triage(connection);
  });
}

void notifier(const StepContext& context, const Message& step, Message& done) {
  over_connections(context, step, Actor::notifier, done, [](Connection& connection, Message& entry) {
    entry["events"] = board::poll_events(connection);
  });
}

void inside(const StepContext& context, const Message& step, Message& done) {
  over_connections(context, step, Actor::inside, done, [](Connection& connection, Message& entry) {
    entry["rows"] = Message(board::read_acknowledged_rows(connection));
  });
}

void probe(const StepContext& context, const Message& step, Message& done) {
  over_boards(context, step, Actor::probe, done, [&](const Board& board, Message& entry) {
    if (context.gateway.disabled(board)) {
      entry["looked"] = false;
      return true;
    }
    bool found = false;
    if (!context.gateway.use(board, Actor::probe, [&](Connection& c) { found = board::has_spawnable(c); })) {
      entry["looked"] = false;
    }
    return !found;
  });
}

void dispatch(const StepContext& context, const Message& step, Message& done) {
  const board::DispatchContext pass{
      .now_s = step.at("time_s").get<std::int64_t>(),
      .settings = context.gateway.settings(),
      .log = context.log,
      .worker_alive = [&](std::int64_t pid) { return context.spawner.alive(static_cast<pid_t>(pid)); },
      .free_writer = [&] { return context.spawner.free_writer(); },
      .spawn =
          [&](const Board& board, const std::string& task, const std::string& writer) {
            return std::int64_t{context.spawner.spawn(board, task, writer)};
          }};
  over_boards(context, step, Actor::dispatcher, done, [&](const Board& board, Message& entry) {
    if (context.gateway.disabled(board)) {
      throw board::AppError("disabled", "dispatch", "board disabled until its file changes");
    }
    try {
      const bool looked = context.gateway.use(board, Actor::dispatcher, [&](Connection& connection) {
        const board::DispatchResult result = board::dispatch_pass(connection, board, pass);
        entry["released"] = result.released;
        entry["promoted"] = result.promoted;
        entry["spawned"] = result.spawned;
      });
      if (!looked) entry["looked"] = false;
    } catch (const sqlite::Error& error) {
      if (error.corrupt()) context.gateway.disable(board);
      throw;
    } catch (const board::AppError& error) {
      if (error.kind() == board::kNotADatabase) context.gateway.disable(board);
      throw;
    }
    return true;
  });
  Message spawned = Message::array();
  for (const Spawned& worker : context.spawner.take_spawned()) {
    spawned.push_back(
        {{"pid", worker.pid}, {"writer", worker.writer}, {"board", worker.board}, {"task", worker.task}});
  }
  done["spawned"] = std::move(spawned);
}

void reap(const StepContext& context, const Message& step, Message& done) {
  const os::ExitStatus status = context.spawner.reap(step.at("pid").get<pid_t>());
  done["exit_code"] = status.exit_code;
  done["signal"] = status.signal;
}

void collect(const StepContext& context, const Message& step, Message& done) {
  context.gateway.thread_for(Actor::held, thread_of(step)).run([&] {
    done["freed"] = context.gateway.collect();
  });
}

void ledger(const StepContext& context, const Message&, Message& done) {
  add_ledgers(done, context);
}

using StepFunction = void (*)(const StepContext&, const Message&, Message&);
const std::map<std::string, StepFunction>& step_functions() {
  static const std::map<std::string, StepFunction> functions = {
      {"triage", triage}, {"dispatch", dispatch}, {"probe", probe},   {"notifier", notifier},
      {"reap", reap},     {"collect", collect},   {"ledger", ledger}, {"inside", inside}};
  return functions;
}

}  // namespace

Message carry_out(const StepContext& context, const Message& step) {
  Message done = protocol::make("done");
  done["id"] = step.at("id");
  done["ok"] = true;
  const std::string name = step.at("step").get<std::string>();
  const auto found = step_functions().find(name);
  if (found == step_functions().end()) throw std::invalid_argument("unknown step " + name);
  const std::int64_t begin = os::system_clock().monotonic_us();
  found->second(context, step, done);
  done["latency_us"] = os::system_clock().monotonic_us() - begin;
  return done;
}

}  // namespace walsoak::subject
