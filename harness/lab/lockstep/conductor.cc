#include "harness/lab/lockstep/conductor.h"

#include <algorithm>

#include "harness/lab/session/other_processes.h"

namespace walsoak::lab {

Conductor::Conductor(const Settings& settings)
    : settings_(settings),
      order_(settings.seed, "order"),
      threads_(settings.seed, "threads"),
      kills_(settings.seed, "kills"),
      ordered_(order_of(settings.order)) {}

std::int64_t Conductor::kill_next(std::int64_t count, std::int64_t alive) {
  const std::int64_t added = std::clamp<std::int64_t>(alive - kill_next_, 0, count);
  kill_next_ += added;
  return added;
}

Act Conductor::visit(const std::string& writer) {
  const std::int64_t number = ++visits_[writer];
  Act act{.step = "visit", .writer = writer};
  act.op = number == 1 ? "claim" : number >= settings_.worker_visits ? "complete" : "heartbeat";
  // Both draws are always made, so that another rate leaves the statements that it picks as they were.
  bool killed = kills_.chance(settings_.worker_kill_rate);
  const int statement = 1 + static_cast<int>(kills_.below(kVisitStatements));
  if (kill_next_ > 0) {
    killed = true;
    --kill_next_;
  }
  act.kill_at = killed ? statement : 0;
  return act;
}

void Conductor::add_others(std::int64_t tick, std::vector<Act>& others) const {
  // Those of a schedule whose time falls into this tick.
  const auto add_due = [&](double interval_s, const Act& act) {
    const auto due = [&](std::int64_t ticks) {
      return static_cast<std::int64_t>(static_cast<double>(ticks) * settings_.tick_interval_s / interval_s);
    };
    for (std::int64_t slot = due(tick); slot < due(tick + 1); ++slot) {
      others.push_back(act);
      others.back().slot = slot;
    }
  };
  if (settings_.slash_interval_s > 0) add_due(settings_.slash_interval_s, {.step = "slash"});
  for (std::int64_t i = 1; i <= settings_.outside_writers; ++i) {
    add_due(settings_.outside_interval_s, {.step = "outside-act", .process = outside_writer_name(i)});
  }
  for (std::int64_t i = 1; i <= settings_.dashboards; ++i) {
    others.push_back({.step = "dashboard", .process = dashboard_name(i)});
  }
  if (settings_.second_dispatcher == Switch::on) {
    others.push_back({.step = "dispatch", .process = std::string(kSecondDispatcher)});
  }
}

std::vector<Act> Conductor::acts_by_name(std::int64_t tick, const std::vector<std::string>& workers_alive) {
  std::vector<Act> acts;
  for (const OrderedAct& named : ordered_[static_cast<std::size_t>(tick) % ordered_.size()]) {
    if (named.actor == "workers") {
      for (const std::string& writer : workers_alive) acts.push_back(visit(writer));
    } else if (named.actor == "slash") {
      acts.push_back({.step = "slash", .slot = slots_[named.word]++});
    } else if (named.actor == "outside") {
      acts.push_back({.step = "outside-act", .slot = slots_[named.word]++, .process = named.word});
    } else if (named.actor == "dashboard") {
      acts.push_back({.step = "dashboard", .process = named.word});
    } else if (named.actor == "dispatcher") {
      acts.push_back({.step = "dispatch", .process = named.word});
    } else {
      acts.push_back({.step = named.actor});
    }
  }
  return acts;
}

std::vector<Act> Conductor::acts_by_seed(std::int64_t tick, const std::vector<std::string>& workers_alive) {
  std::vector<Act> others;
  for (const std::string& writer : workers_alive) others.push_back(visit(writer));
  for (std::int64_t i = 0; i < settings_.notifier; ++i) others.push_back({.step = "notifier"});
  add_others(tick, others);
  order_.shuffle(others);

  std::vector<Act> acts;
  if (settings_.auto_decompose != AutoDecompose::off) acts.push_back({.step = "triage"});
  acts.push_back({.step = "dispatch"});
  acts.push_back({.step = "probe"});
  for (Act& other : others) {
    acts.insert(acts.begin() + static_cast<std::ptrdiff_t>(order_.below(acts.size() + 1)), std::move(other));
  }
  return acts;
}

std::vector<Act> Conductor::tick(std::int64_t tick, const std::vector<std::string>& workers_alive) {
  std::vector<Act> acts =
      ordered_.empty() ? acts_by_seed(tick, workers_alive) : acts_by_name(tick, workers_alive);
  if (settings_.collector == Collector::every_n && (tick + 1) % settings_.collector_every == 0) {
    acts.push_back({.step = "collect"});
  }
  for (Act& act : acts) {
    act.thread =
        static_cast<std::int64_t>(threads_.below(static_cast<std::uint64_t>(settings_.pool_threads)));
  }
  return acts;
}

}  // namespace walsoak::lab
