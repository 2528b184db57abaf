#include "harness/subject/gateway/jobs.h"

namespace walsoak::subject {
namespace {

using protocol::Message;

// How often the loop looks at its own lag while jobs run: asyncio's debug mode warns from 100 ms on.
constexpr std::int64_t kBeatUs = 100000;

std::optional<std::int64_t> slots_of(const Message& job) {
  const auto found = job.find("slots");
  if (found == job.end() || found->is_null()) return std::nullopt;
  return found->get<std::int64_t>();
}

// The entries that say more than that all went well.
Message noteworthy(const Message& boards) {
  Message kept = Message::array();
  for (const Message& entry : boards) {
    if (entry.at("ok") == false || !entry.value("looked", true)) kept.push_back(entry);
  }
  return kept;
}

}  // namespace

Jobs::Jobs(os::EventLoop& loop, const StepContext& context, std::function<void(const Message&)> send)
    : loop_(loop), context_(context), send_(std::move(send)) {}

void Jobs::start(const Message& run) {
  t0_us_ = run.at("t0_us").get<std::int64_t>();
  epoch_s_ = run.at("epoch_s").get<std::int64_t>();
  time_scale_ = run.at("time_scale").get<double>();
  for (const Message& job : run.at("jobs")) {
    auto steps = job.at("steps").get<std::vector<std::string>>();
    for (const std::string& step : steps) actor_of(step);  // throws for one that is not known
    jobs_.push_back(std::make_unique<Job>(
        Job{job.at("job").get<std::string>(), std::move(steps),
            FixedSchedule(t0_us_, job.at("interval_us").get<std::int64_t>(), slots_of(job)),
            job.value("collect_every", std::int64_t{0})}));
  }
  for (const auto& job : jobs_) schedule_next(*job);
  beat();
}

void Jobs::beat() {
  if (!paused_) loop_.at(loop_.clock().monotonic_us() + kBeatUs, [this] { beat(); });
}

std::int64_t Jobs::boards_time_s() const {
  const auto elapsed_us = static_cast<double>(loop_.clock().monotonic_us() - t0_us_);
  return epoch_s_ + static_cast<std::int64_t>(elapsed_us * time_scale_ / 1e6);
}

void Jobs::schedule_next(Job& job) {
  if (paused_) return;
  if (const auto slot = job.schedule.next(loop_.clock().monotonic_us())) {
    loop_.at(slot->due_us, [this, &job, slot = *slot] { begin(job, slot); });
    return;
  }
  job.missed += job.schedule.missed_at_end();
  Message event = protocol::make("event");
  event["event"] = "job-ended";
  event["job"] = job.name;
  event["ran"] = job.ran;
  event["missed"] = job.missed;
  send_(event);
}

void Jobs::begin(Job& job, const FixedSchedule::Slot& slot) {
  if (paused_) return;
  ++job.ran;
  job.missed += slot.missed;
  ++running_slots_;
  const std::int64_t now_us = loop_.clock().monotonic_us();
  auto running = std::make_shared<Running>(Running{job, slot.number, job.steps, protocol::make("tick")});
  if (job.collect_every > 0 && (slot.number + 1) % job.collect_every == 0)
    running->steps.emplace_back("collect");
  running->told["job"] = job.name;
  running->told["slot"] = slot.number;
  running->told["t_us"] = now_us - t0_us_;
  running->told["late_us"] = now_us - slot.due_us;
  running->told["missed"] = slot.missed;
  running->told["lag_us"] = 0;
  running->told["ok"] = true;
  running->told["steps"] = Message::array();
  run_step(running, 0);
}

void Jobs::run_step(const std::shared_ptr<Running>& running, std::size_t index) {
  const std::string name = running->steps[index];
  Message message = {{"step", name}, {"slot", running->slot}, {"time_s", boards_time_s()}};
  const std::int64_t handed_over_us = loop_.clock().monotonic_us();
  ++begun_;
  ++in_flight_;
  const auto work = [this, running, index, name, message, handed_over_us] {
    auto outcome = std::make_shared<Outcome>(carry_out(name, message, handed_over_us));
    loop_.post([this, running, index, outcome] { end_step(running, index, std::move(*outcome)); });
  };
  if (context_.gateway.on_loop()) {
    work();
  } else {
    context_.gateway.post(actor_of(name).value_or(sqlite::Actor::held), work);
  }
}

Jobs::Outcome Jobs::carry_out(const std::string& step, const Message& message,
                              std::int64_t handed_over_us) const {
  const std::int64_t begun_us = loop_.clock().monotonic_us();
  Outcome outcome;
  Message content;
  try {
    if (step == "dispatch") {
      outcome.ended = Message::array();
      for (const Ended& worker : context_.spawner.reap_ended()) {
        outcome.ended.push_back({{"writer", worker.writer},
                                 {"exit_code", worker.status.exit_code},
                                 {"signal", worker.status.signal}});
      }
    }
    content = act(context_, message);
  } catch (const std::exception& error) {
    // Not of one board: told as the step's own error, and the gateway lives on as the field's does.
    content = {
        {"ok", false},
        {"boards",
         {{{"board", ""},
           {"ok", false},
           {"error", {{"code", 0}, {"message", error.what()}, {"where", step}, {"app", "internal"}}}}}}};
  }
  outcome.spawned = content.value("spawned", Message::array());
  outcome.step = {{"step", step},
                  {"ok", content.at("ok")},
                  {"latency_us", loop_.clock().monotonic_us() - begun_us},
                  {"wait_us", begun_us - handed_over_us},
                  {"thread", this_thread_name()}};
  if (content.contains("freed")) outcome.step["freed"] = content.at("freed");
  if (Message boards = noteworthy(content.value("boards", Message::array())); !boards.empty()) {
    outcome.step["boards"] = std::move(boards);
  }
  return outcome;
}

void Jobs::end_step(const std::shared_ptr<Running>& running, std::size_t index, Outcome outcome) {
  --in_flight_;
  Message& told = running->told;
  if (outcome.step.at("ok") == false) told["ok"] = false;
  told["steps"].push_back(std::move(outcome.step));
  if (!outcome.spawned.empty()) told["spawned"] = std::move(outcome.spawned);
  if (!outcome.ended.is_null() && !outcome.ended.empty()) told["ended"] = std::move(outcome.ended);
  // A pause waits for the slot and not for the step: a tick cut in half is none.
  if (index + 1 < running->steps.size()) {
    run_step(running, index + 1);
  } else {
    end_slot(*running);
  }
  tell_when_quiet();
}

void Jobs::end_slot(Running& running) {
  running.told["lag_us"] = loop_.take_lag_us();
  send_(running.told);
  --running_slots_;
  schedule_next(running.job);
  tell_when_idle();
}

void Jobs::pause(std::function<void()> when_idle) {
  paused_ = true;
  when_idle_ = std::move(when_idle);
  tell_when_idle();
}

void Jobs::when_quiet(std::int64_t patience_us, std::function<void()> act) {
  when_quiet_ = std::move(act);
  loop_.at(loop_.clock().monotonic_us() + patience_us, [this, asked = ++quiet_asked_] {
    if (asked == quiet_asked_ && when_quiet_) std::exchange(when_quiet_, nullptr)();
  });
  tell_when_quiet();
}

void Jobs::tell_when_quiet() {
  if (in_flight_ == 0 && when_quiet_) std::exchange(when_quiet_, nullptr)();
}

void Jobs::tell_when_idle() {
  if (paused_ && running_slots_ == 0 && when_idle_) std::exchange(when_idle_, nullptr)();
}

}  // namespace walsoak::subject
