#include "harness/subject/gateway/steps.h"

#include <fmt/format.h>

#include <functional>
#include <stdexcept>

#include "harness/base/os/clock.h"
#include "harness/boards/board/board_flock.h"
#include "harness/boards/board/dispatch.h"
#include "harness/boards/board/outcome.h"
#include "harness/boards/board/visits.h"
#include "harness/subject/gateway/subject_faults.h"

namespace walsoak::subject {
namespace {

using board::Board;
using protocol::Message;
using sqlite::Actor;
using sqlite::Connection;

// Calls `visit` for each board until it returns false, one entry a board that was looked at.
void over(const std::vector<Board>& boards, Message& done,
          const std::function<bool(const Board&, Message&)>& visit) {
  for (const Board& board : boards) {
    Message entry;
    entry["board"] = board.name;
    entry["ok"] = true;
    const bool go_on = board::guarded(entry, [&] { return visit(board, entry); });
    if (entry["ok"] == false) done["ok"] = false;
    done["boards"].push_back(std::move(entry));
    if (!go_on) return;
  }
}

// The same for acts that are one use of one connection and go on to the next board.
void over_connections(const StepContext& context, Actor actor, Message& done,
                      const std::function<void(Connection&, Message&)>& visit) {
  over(context.gateway.listed(), done, [&](const Board& board, Message& entry) {
    if (!context.gateway.use(board, actor, [&](Connection& c) { visit(c, entry); })) entry["looked"] = false;
    return true;
  });
}

void triage(const StepContext& context, const Message&, Message& done) {
  if (context.gateway.settings().auto_decompose == AutoDecompose::off) return;
  over_connections(context, Actor::triage, done, [](Connection& connection, Message& entry) {
    entry["tasks"] = board::list_triage(connection);
  });
}

void notifier(const StepContext& context, const Message&, Message& done) {
  over_connections(context, Actor::notifier, done, [](Connection& connection, Message& entry) {
    entry["events"] = board::poll_events(connection);
  });
}

void inside(const StepContext& context, const Message&, Message& done) {
  over_connections(context, Actor::inside, done, [](Connection& connection, Message& entry) {
    entry["rows"] = Message(board::read_acknowledged_rows(connection));
  });
}

void dashboard(const StepContext& context, const Message&, Message& done) {
  over_connections(context, Actor::dashboard, done, [](Connection& connection, Message& entry) {
    entry["events"] = board::poll_dashboard(connection);
  });
}

// One act at a time, on one board after the other. `visit` gets the number of the act, too.
void over_slot(const StepContext& context, Actor actor, const Message& step, Message& done,
               const std::function<void(Connection&, const Board&, std::int64_t)>& visit) {
  const std::vector<Board> boards = context.gateway.listed();
  if (boards.empty()) return;
  const auto slot = step.at("slot").get<std::int64_t>();
  const Board& chosen = boards[static_cast<std::size_t>(slot) % boards.size()];
  over({chosen}, done, [&](const Board& board, Message& entry) {
    if (!context.gateway.use(board, actor, [&](Connection& connection) { visit(connection, board, slot); })) {
      entry["looked"] = false;
    }
    return true;
  });
}

void slash(const StepContext& context, const Message& step, Message& done) {
  over_slot(context, Actor::slash, step, done, [&](Connection& connection, const Board& board, auto slot) {
    board::slash_add(connection, context.slash_log, board.name, fmt::format("{}-s{:06}", board.name, slot),
                     step.at("time_s").get<std::int64_t>());
  });
}

void outside(const StepContext& context, const Message& step, Message& done) {
  over_slot(context, Actor::outside, step, done, [&](Connection& connection, const Board& board, auto slot) {
    board::outside_act(connection, context.log, board.name, context.gateway.settings().outside_act,
                       fmt::format("{}-{}-{:06}", board.name, context.log.writer(), slot),
                       step.at("time_s").get<std::int64_t>());
  });
}

void probe(const StepContext& context, const Message&, Message& done) {
  over(context.gateway.listed(), done, [&](const Board& board, Message& entry) {
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

// Those of the board's workers that have no claim any more.
void add_workers_without_claim(const StepContext& context, const Board& board, Connection& connection,
                               std::vector<Spawned>& found) {
  for (const Spawned& worker : context.spawner.alive_on(board.name)) {
    if (!board::has_claim(connection, worker.task, worker.writer)) found.push_back(worker);
  }
}

void dispatch(const StepContext& context, const Message& step, Message& done) {
  const board::DispatchContext pass{
      .now_s = step.at("time_s").get<std::int64_t>(),
      .settings = context.gateway.settings(),
      .log = context.log,
      .worker_alive =
          [&](std::int64_t pid, const std::string& writer) {
            return context.spawner.alive(static_cast<pid_t>(pid), writer);
          },
      .free_writer = [&] { return context.spawner.free_writer(); },
      .spawn =
          [&](const Board& board, const std::string& task, const std::string& writer) {
            return std::int64_t{context.spawner.spawn(board, task, writer)};
          }};
  const Settings& settings = context.gateway.settings();
  // Lockstep counts ticks, a free-running subject its slots.
  const std::int64_t tick = step.value("tick", step.value("slot", std::int64_t{0}));
  const std::int64_t every = settings.passive_checkpoint_every;
  const bool checkpoint_due = every > 0 && (tick + 1) % every == 0;
  const bool locks = settings.flock == Flock::dispatch || settings.flock == Flock::both;
  std::vector<Spawned> without_claim;
  context.gateway.forget_vanished();
  over(context.gateway.listed(), done, [&](const Board& board, Message& entry) {
    if (context.gateway.disabled(board)) {
      throw board::AppError("disabled", "dispatch", "board disabled until its file changes");
    }
    const board::BoardFlock one_at_a_time(board.path, locks, board::kTryOnce);
    if (one_at_a_time.missed()) {
      entry["looked"] = false;
      entry["locked_out"] = true;
      return true;
    }
    try {
      const bool looked = context.gateway.use(board, Actor::dispatcher, [&](Connection& connection) {
        const board::DispatchResult result = board::dispatch_pass(connection, board, pass);
        if (settings.worker_reaper == Switch::on) {
          add_workers_without_claim(context, board, connection, without_claim);
        }
        if (checkpoint_due) connection.value("PRAGMA wal_checkpoint", "PRAGMA wal_checkpoint(PASSIVE)");
        entry["released"] = result.released;
        entry["promoted"] = result.promoted;
        entry["spawned"] = result.spawned;
        if (context.gateway.settings().statements == Statements::kept) {
          context.gateway.keep_statement(connection);
        }
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
  // In lockstep the observer orders the end of each, by a step `reap`: one act at a time.
  for (const Spawned& worker : without_claim) {
    if (settings.mode == Mode::free) context.spawner.ask_to_end(worker.pid);
    done["without_claim"].push_back(worker.writer);
  }
}

void reap(const StepContext& context, const Message& step, Message& done) {
  const auto pid = step.at("pid").get<pid_t>();
  if (step.value("end", false)) context.spawner.ask_to_end(pid);
  const os::ExitStatus status = context.spawner.reap(pid);
  done["exit_code"] = status.exit_code;
  done["signal"] = status.signal;
}

void collect(const StepContext& context, const Message&, Message& done) {
  done["freed"] = context.gateway.collect();
}

void ledger(const StepContext& context, const Message&, Message& done) {
  add_ledgers(done, context);
}

// An error of the fault itself (a reader that cannot read) is told, and the cell goes on.
void fault(const StepContext& context, const Message& step, Message& done) {
  Message entry = {{"board", step.value("board", "")}, {"ok", true}};
  board::guarded(entry, [&] {
    carry_out_fault(context, step);
    return true;
  });
  done["ok"] = entry.at("ok");
  done["boards"] = Message::array({std::move(entry)});
}

struct StepEntry {
  void (*act)(const StepContext&, const Message&, Message&);
  std::optional<Actor> actor;  // whose thread it runs on; none: the event loop's
};
const StepEntry& entry_of(const std::string& name) {
  static const std::map<std::string, StepEntry> entries = {
      {"triage", {triage, Actor::triage}},        {"dispatch", {dispatch, Actor::dispatcher}},
      {"probe", {probe, Actor::probe}},           {"notifier", {notifier, Actor::notifier}},
      {"slash", {slash, Actor::slash}},           {"dashboard", {dashboard, Actor::dashboard}},
      {"outside-act", {outside, Actor::outside}}, {"reap", {reap, std::nullopt}},
      {"fault", {fault, std::nullopt}},           {"collect", {collect, Actor::held}},
      {"ledger", {ledger, std::nullopt}},         {"inside", {inside, Actor::inside}}};
  const auto found = entries.find(name);
  if (found == entries.end()) throw std::invalid_argument("unknown step " + name);
  return found->second;
}

}  // namespace

std::optional<Actor> actor_of(const std::string& step) {
  return entry_of(step).actor;
}

Message act(const StepContext& context, const Message& step) {
  Message content;
  content["ok"] = true;
  entry_of(step.at("step").get<std::string>()).act(context, step, content);
  return content;
}

Message carry_out(const StepContext& context, const Message& step) {
  Message done = protocol::make("done");
  done["id"] = step.at("id");
  const std::optional<Actor> actor = actor_of(step.at("step").get<std::string>());
  const std::int64_t begin = os::system_clock().monotonic_us();
  Message content;
  if (actor && !context.gateway.on_loop()) {
    context.gateway.thread_for(*actor, step.value("thread", std::int64_t{0})).run([&] {
      content = act(context, step);
    });
  } else {
    content = act(context, step);
  }
  done.update(content);
  done["latency_us"] = os::system_clock().monotonic_us() - begin;
  return done;
}

}  // namespace walsoak::subject
