#include "harness/field/watch/snapshot.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "harness/base/os/event_loop.h"
#include "harness/base/os/signals.h"
#include "harness/base/shared/errors.h"
#include "harness/field/watch/find_process.h"

namespace walsoak::watch {
namespace {

using nlohmann::ordered_json;

class Glance {
 public:
  Glance(const GlancePlan& plan, const os::ProcessEntry& process)
      : plan_(plan), process_(process, names_, plan.manner.peek), loop_(os::system_clock()) {}

  std::vector<ordered_json> taken() {
    loop_.watch(os::stop_descriptor(), [] { throw Stopped(os::stop_signal()); });
    begin_us_ = os::system_clock().monotonic_us();
    take();
    if (!loop_.stopped()) loop_.run();
    lines_.push_back(end_line(ended_ ? "process ended" : "done", samples_));
    return std::move(lines_);
  }

 private:
  void take() {
    const std::int64_t t_us = os::system_clock().monotonic_us() - begin_us_;
    auto look = process_.look(samples_, t_us);
    if (!look) {
      if (samples_ == 0) throw Refused(fmt::format("--pid {}: it ended before it was looked at", plan_.pid));
      ended_ = true;
      return loop_.stop();
    }
    if (samples_ == 0) {
      lines_.push_back(header_line("now", plan_.manner, process_.process(), look->found, os::system_clock()));
    } else {
      for (const NamedDatabase& database : look->found)
        lines_.push_back(database_line(samples_, t_us, database));
    }
    if (look->sqlite) lines_.push_back(std::move(*look->sqlite));
    lines_.push_back(std::move(look->sample));
    ++samples_;
    const double due_s = static_cast<double>(samples_) * plan_.manner.every_s;
    // Half a period of grace, so that --every 1s --for 2s is three samples.
    if (due_s > plan_.for_s + plan_.manner.every_s / 2) return loop_.stop();
    loop_.at(begin_us_ + std::llround(due_s * 1e6), [this] { take(); });
  }

  const GlancePlan& plan_;
  observer::DatabaseNames names_;
  ForeignProcess process_;
  os::EventLoop loop_;
  std::vector<ordered_json> lines_;
  std::int64_t begin_us_ = 0, samples_ = 0;
  bool ended_ = false;
};

}  // namespace

std::vector<ordered_json> glance_at(const GlancePlan& plan) {
  const os::ProcessEntry process = process_with_pid(plan.pid);
  if (const auto why = refusal(process)) throw Failed(*why);
  return Glance(plan, process).taken();
}

}  // namespace walsoak::watch
