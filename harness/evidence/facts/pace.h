// How a free-running cell kept its schedule: slots that were run and missed, how long ticks took and how late
// they began, what every other job did, and walsoak's own process beside it. Bounded memory; all durations in
// microseconds of real time.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/stats/bins.h"
#include "harness/evidence/stats/latencies.h"

namespace walsoak::facts {

// A job besides the dispatcher's own ticks, summed over its slots.
struct JobActivity {
  std::int64_t ran = 0, missed = 0, failed = 0;
  Count latency_max_us;  // unknown where none ran
};

class Pace {
 public:
  Pace();

  // Levels of walsoak's own process count from the last tick of the warm-up, as those of the subject do.
  void set_warmup_ticks(std::int64_t ticks) { warmup_ticks_ = ticks; }

  // Lines of these types, of a free-running cell (docs/record.md).
  void accept_tick(const nlohmann::ordered_json& line);
  void accept_sample(const nlohmann::ordered_json& line);
  void accept_end(const nlohmann::ordered_json& line);

  std::int64_t ticks_ran() const { return ticks_ran_; }
  // Until the end line tells them all, those that a later tick has told of.
  std::int64_t ticks_missed() const { return ticks_missed_; }
  // Whether rates can be told: something ran, and at most 5 % of the slots were missed.
  bool rates_known() const;

  // All steps of a tick, waiting for threads included.
  const stats::Latencies& tick_us() const { return tick_us_; }
  const stats::Latencies& late_us() const { return late_us_; }
  const stats::Latencies& lag_us() const { return lag_us_; }
  const stats::Latencies& jitter_us() const { return jitter_us_; }

  // The longest that a step of the subject waited for its thread; 0 before the first tick.
  std::int64_t wait_max_us() const { return wait_max_us_; }
  // Since the start; unknown where the subject does not count them.
  Count lock_wait_us() const { return lock_wait_us_; }
  Count affinity_errors() const { return affinity_errors_; }

  // By name: all of kJobs, those without a slot too.
  const std::map<std::string, JobActivity>& jobs() const { return jobs_; }

  const stats::Bins& harness_rss_bytes() const { return rss_bytes_; }
  const stats::Bins& harness_descriptors() const { return descriptors_; }
  // Over every sample, warm-up included.
  Count harness_rss_bytes_peak() const { return rss_bytes_peak_; }
  Count harness_descriptors_peak() const { return descriptors_peak_; }

 private:
  void accept_job(const std::string& name, const nlohmann::ordered_json& activity);

  std::int64_t warmup_ticks_ = 0;
  std::int64_t ticks_ran_ = 0, ticks_missed_ = 0, wait_max_us_ = 0;
  stats::Latencies tick_us_, late_us_, lag_us_, jitter_us_;
  Count lock_wait_us_, affinity_errors_;
  std::map<std::string, JobActivity> jobs_;
  stats::Bins rss_bytes_, descriptors_;
  Count rss_bytes_peak_, descriptors_peak_;
};

}  // namespace walsoak::facts
