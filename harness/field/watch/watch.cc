#include "harness/field/watch/watch.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "harness/base/escape/standard_output.h"
#include "harness/base/escape/terminal.h"
#include "harness/base/os/clock.h"
#include "harness/base/os/event_loop.h"
#include "harness/base/os/process.h"
#include "harness/base/os/signals.h"
#include "harness/base/shared/errors.h"
#include "harness/field/watch/find_process.h"
#include "harness/field/watch/sample_line.h"
#include "harness/field/watch/watch_record.h"
#include "harness/judgement/finding/finding.h"

namespace walsoak::watch {
namespace {

namespace fs = std::filesystem;

// How often a process that has ended is looked for again, at most.
constexpr std::int64_t kSearchEveryUs = 1000000;
// How often the summary of a watch that goes on is written anew.
constexpr std::int64_t kSaveEveryUs = 5000000;

os::ProcessEntry find(const WatchPlan& plan, const std::optional<Pattern>& pattern) {
  os::ProcessEntry process = plan.pid ? process_with_pid(*plan.pid) : process_by_pattern(*pattern);
  if (const auto why = refusal(process)) throw Failed(*why);
  return process;
}

fs::path folder_for(const WatchPlan& plan) {
  return plan.out ? *plan.out
                  : fs::path("walsoak-runs") / ("watch-" + os::utc_compact(os::system_clock().unix_s()));
}

class Watcher {
 public:
  // `pattern` is nothing where the plan has a pid.
  Watcher(const WatchPlan& plan, std::optional<Pattern> pattern, const os::ProcessEntry& first)
      : plan_(plan),
        pattern_(std::move(pattern)),
        clock_(os::system_clock()),
        record_(folder_for(plan), plan.command, first),
        progress_(plan.progress, stderr, plan.name.empty() ? 1 : 0),
        loop_(clock_) {
    begin(first);
  }

  WatchResult watch() {
    try {
      loop_.watch(os::stop_descriptor(), [this] { finish(signal_text(), !plan_.manner.on_lines); });
      if (plan_.for_s) {
        loop_.at(clock_.monotonic_us() + std::llround(*plan_.for_s * 1e6),
                 [this] { finish("done", !plan_.manner.on_lines); });
      }
      if (plan_.manner.on_lines) {
        loop_.watch(STDIN_FILENO, [this] { take_lines(); });
      } else {
        t0_us_ = clock_.monotonic_us();
        take_sample();
        schedule(1);
      }
      loop_.run();
      WatchResult result{record_.folder().path(), record_.save("done", nullptr)};
      if (plan_.report) record_.write_report(plan_.report(result.summary));
      return result;
    } catch (const std::exception& error) {
      give_up();
      throw Failed(
          fmt::format("{}; what was seen before is in {}", error.what(), record_.folder().path().string()));
    }
  }

 private:
  static std::string signal_text() {
    return os::stop_signal() == SIGINT ? "signal SIGINT" : "signal SIGTERM";
  }

  // What is on disk stays readable; that it cannot be written is what the caller tells.
  void give_up() noexcept {
    try {
      record_.save("failed", segment_.get(), 4);
    } catch (const std::exception&) {
      return;
    }
  }

  void begin(const os::ProcessEntry& process) {
    segment_ = std::make_unique<Segment>(record_.folder(), record_.next_cell(), process, plan_.manner, names_,
                                         clock_);
    progress_.begin_cell(segment_->cell(), fmt::format("{} ({})", process.command, process.pid));
    life_ = os::life_of(process.pid);
    if (life_.valid()) loop_.watch(life_.get(), [this] { process_ended(); });
    record_.save("running", segment_.get());
  }

  void end(const std::string& reason) {
    if (!segment_) return;
    if (life_.valid()) loop_.forget(life_.get());
    life_.reset();
    segment_->end(reason);
    record_.keep(*segment_);
    const auto& facts = segment_->facts();
    progress_.end_cell(
        segment_->cell(),
        fmt::format("{} ({}, {} samples)", judgement::find_so_far(facts).name, reason, segment_->samples()));
    segment_.reset();
    record_.save("running", nullptr);
  }

  void finish(const std::string& reason, bool last_sample) {
    if (last_sample && segment_) segment_->sample();
    // It may have ended at the same moment: that says more.
    end(segment_ && segment_->process_has_ended() ? "process ended" : reason);
    loop_.stop();
  }

  void process_ended() {
    end("process ended");
    if (plan_.pid) {
      loop_.stop();
    } else if (!plan_.manner.on_lines) {
      search_later();
    }
  }

  void search_later() {
    const auto every_us = std::min<std::int64_t>(kSearchEveryUs, std::llround(plan_.manner.every_s * 1e6));
    loop_.at(clock_.monotonic_us() + every_us, [this] {
      if (segment_) return;
      if (search()) {
        take_sample();
      } else {
        search_later();
      }
    });
  }

  // Whether the process is there again: its cell has begun then. Several that match are waited out.
  bool search() {
    const std::vector<os::ProcessEntry> found = matching(*pattern_, os::list_processes(), ::getpid());
    if (found.size() != 1 || refusal(found.front())) return false;
    begin(found.front());
    return true;
  }

  // False where there is no process to look at.
  bool take_sample() {
    if (!segment_) return false;
    if (!segment_->sample()) {
      process_ended();
      return false;
    }
    const bool end_known = plan_.for_s && plan_.pid && !plan_.manner.on_lines;
    const std::int64_t expected = end_known ? std::llround(*plan_.for_s / plan_.manner.every_s) + 1 : 0;
    progress_.stand(segment_->cell(), standing_of(*segment_));
    progress_.tick(segment_->cell(), segment_->samples(),
                   end_known ? std::max(expected, segment_->samples()) : 0);
    const std::int64_t now_us = clock_.monotonic_us();
    if (now_us - saved_us_ >= kSaveEveryUs) {
      saved_us_ = now_us;
      record_.save("running", segment_.get());
    }
    return true;
  }

  // Slot k is due at t0 + k * every; slots that have passed are skipped.
  void schedule(std::int64_t slot) {
    const double every_us = plan_.manner.every_s * 1e6;
    const auto passed =
        static_cast<std::int64_t>(static_cast<double>(clock_.monotonic_us() - t0_us_) / every_us);
    const std::int64_t next = std::max(slot, passed + 1);
    loop_.at(t0_us_ + std::llround(static_cast<double>(next) * every_us), [this, next] {
      take_sample();
      schedule(next + 1);
    });
  }

  // Whoever writes the lines waits for what is printed: the sample is on disk by then.
  void take_lines() {
    char bytes[4096];
    const ssize_t got = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (got <= 0) {
      loop_.forget(STDIN_FILENO);
      return finish("done", false);
    }
    for (auto lines = std::count(bytes, bytes + got, '\n'); lines > 0 && !loop_.stopped(); --lines) {
      const bool taken = take_sample() || (!loop_.stopped() && search() && take_sample());
      escape::print("{}\n", taken ? sample_line(*segment_) : std::string("no process"));
      escape::flush_output();
    }
  }

  const WatchPlan& plan_;
  const std::optional<Pattern> pattern_;
  const os::Clock& clock_;
  WatchRecord record_;
  escape::Progress progress_;
  os::EventLoop loop_;
  observer::DatabaseNames names_;
  std::unique_ptr<Segment> segment_;  // none while a process is awaited
  os::Descriptor life_;
  std::int64_t t0_us_ = 0, saved_us_ = 0;
};

}  // namespace

WatchResult watch_process(const WatchPlan& plan) {
  std::optional<Pattern> pattern;
  if (!plan.pid) pattern.emplace(plan.name);
  const os::ProcessEntry first = find(plan, pattern);
  return Watcher(plan, std::move(pattern), first).watch();
}

}  // namespace walsoak::watch
