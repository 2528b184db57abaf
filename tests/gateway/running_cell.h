// A cell whose jobs run on an event loop of the test's own. Tests wait for what the jobs tell, never for a
// time; what never comes ends the loop with an error.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <vector>

#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "harness/subject/gateway/jobs.h"
#include "tests/gateway/subject_cell.h"

namespace walsoak::subject {

class RunningCell : public SubjectCell {
 protected:
  static constexpr std::int64_t kTinyUs = 500;
  static constexpr std::int64_t kPatienceUs = 60000000;

  // A job without end, one slot every half a millisecond.
  static Message job(const std::string& name, const std::vector<std::string>& steps) {
    return {{"job", name}, {"steps", steps}, {"interval_us", kTinyUs}, {"slots", nullptr}};
  }
  void start(const Message& jobs) {
    Message run = protocol::make("run");
    run["id"] = 1;
    run["t0_us"] = loop_.clock().monotonic_us();
    run["epoch_s"] = tests::kNow;
    run["time_scale"] = 1;
    run["jobs"] = jobs;
    context_.emplace(context());
    jobs_.emplace(loop_, *context_, [this](const Message& told) {
      told_.push_back(told);
      if (on_told_) on_told_(told);
    });
    jobs_->start(run);
  }
  void run_loop() {
    loop_.at(loop_.clock().monotonic_us() + kPatienceUs,
             [] { throw std::runtime_error("what the test waits for has not come"); });
    loop_.run();
  }
  void pause_and_stop() {
    jobs_->pause([this] { loop_.stop(); });
  }
  // Runs so many ticks of these steps; `between` is called after each, with how many there were (from 1) and
  // nothing in flight.
  void run_ticks(int count, const std::vector<std::string>& steps,
                 const std::function<void(int)>& between = {}) {
    on_told_ = [this, count, between, seen = 0](const Message& told) mutable {
      if (told.at("type") != "tick") return;
      ++seen;
      if (between) between(seen);
      if (seen == count) pause_and_stop();
    };
    start(Message::array({job("tick", steps)}));
    run_loop();
  }

  // The three ledgers of a board.
  sqlite::ApiCounts api(std::size_t board) const { return api_.counts(boards_[board].path); }
  std::int64_t opened(std::size_t board, sqlite::Actor actor = sqlite::Actor::dispatcher) const {
    return api(board).opened[static_cast<std::size_t>(actor)];
  }
  sqlite::VfsCounts& vfs(std::size_t board) { return vfs_.of(boards_[board].path); }
  observer::DescriptorCounts kernel(std::size_t board) const {
    return observer::KernelLedger({{boards_[board].name, boards_[board].path}})
        .look(os::read_descriptor_table(::getpid()))
        .at(boards_[board].name)
        .counts.value();
  }
  void expect_nothing_open(std::size_t board) {
    EXPECT_EQ(api(board).open(), 0);
    EXPECT_EQ(vfs(board).main.open, 0);
    EXPECT_EQ(vfs(board).wal.open, 0);
    EXPECT_EQ(kernel(board), observer::DescriptorCounts{});
  }

  os::EventLoop loop_{os::system_clock()};
  std::optional<StepContext> context_;
  std::optional<Jobs> jobs_;
  std::function<void(const Message&)> on_told_;
  std::vector<Message> told_;
};

}  // namespace walsoak::subject
