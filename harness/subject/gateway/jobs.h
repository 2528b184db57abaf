// The gateway's jobs in a free-running cell: which steps run, how often, each slot of a fixed schedule told
// to the observer as a `tick` message (docs/protocol.md).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/base/os/event_loop.h"
#include "harness/subject/gateway/schedule.h"
#include "harness/subject/gateway/steps.h"

namespace walsoak::subject {

// All of it belongs to the loop's thread; steps run where the gateway says and come back by
// EventLoop::post().
class Jobs {
 public:
  // All three must outlive the jobs. `send` is called on the loop's thread.
  Jobs(os::EventLoop& loop, const StepContext& context, std::function<void(const protocol::Message&)> send);

  // Starts what a `run` message says. Throws std::exception on a broken message or an unknown step.
  void start(const protocol::Message& run);
  // Begins nothing more; calls `when_idle` once nothing is in flight.
  void pause(std::function<void()> when_idle);

  // Calls `act` once, as soon as nothing is in flight, or when `patience_us` are over.
  void when_quiet(std::int64_t patience_us, std::function<void()> act);

  // Steps that run on other threads now, and steps begun since the start.
  std::int64_t in_flight() const { return in_flight_; }
  std::int64_t begun() const { return begun_; }

 private:
  struct Job {
    std::string name;
    std::vector<std::string> steps;
    FixedSchedule schedule;
    std::int64_t collect_every = 0;  // 0: never
    std::int64_t ran = 0, missed = 0;
  };
  // One slot of a job while it runs.
  struct Running {
    Job& job;
    std::int64_t slot;
    std::vector<std::string> steps;
    protocol::Message told;
  };
  struct Outcome {
    protocol::Message step;  // as the tick message lists it
    protocol::Message spawned, ended;
  };

  std::int64_t boards_time_s() const;
  void beat();
  void schedule_next(Job& job);
  void begin(Job& job, const FixedSchedule::Slot& slot);
  void run_step(const std::shared_ptr<Running>& running, std::size_t index);
  Outcome carry_out(const std::string& step, const protocol::Message& message,
                    std::int64_t handed_over_us) const;
  void end_step(const std::shared_ptr<Running>& running, std::size_t index, Outcome outcome);
  void end_slot(Running& running);
  void tell_when_idle();
  void tell_when_quiet();

  os::EventLoop& loop_;
  const StepContext& context_;
  const std::function<void(const protocol::Message&)> send_;
  std::vector<std::unique_ptr<Job>> jobs_;
  std::int64_t t0_us_ = 0, epoch_s_ = 0;
  double time_scale_ = 1;
  bool paused_ = false;
  std::function<void()> when_idle_, when_quiet_;
  std::int64_t quiet_asked_ = 0;  // which question of that kind waits
  std::int64_t in_flight_ = 0, begun_ = 0, running_slots_ = 0;
};

}  // namespace walsoak::subject
