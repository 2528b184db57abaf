#include "harness/evidence/facts/pace.h"

#include <algorithm>

#include "harness/model/vocabulary/jobs.h"

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

Count number(const ordered_json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  const bool there = object.is_object() && found != object.end() && found->is_number_integer();
  return there ? Count(found->get<std::int64_t>()) : std::nullopt;
}

void add(stats::Latencies& latencies, Count value) {
  if (value) latencies.add(*value);
}

}  // namespace

Pace::Pace() {
  for (const JobInfo& job : kJobs) jobs_[std::string(job.name)] = {};
}

void Pace::accept_tick(const ordered_json& line) {
  ++ticks_ran_;
  ticks_missed_ += number(line, "missed").value_or(0);
  add(late_us_, number(line, "late_us"));
  add(lag_us_, number(line, "lag_us"));
  std::int64_t whole = 0;
  const ordered_json steps = line.value("steps", ordered_json::object());
  for (const ordered_json& step : steps) {
    const std::int64_t wait = number(step, "wait_us").value_or(0);
    whole += number(step, "latency_us").value_or(0) + wait;
    wait_max_us_ = std::max(wait_max_us_, wait);
  }
  tick_us_.add(whole);
}

void Pace::accept_job(const std::string& name, const ordered_json& activity) {
  JobActivity& job = jobs_[name];
  job.ran += number(activity, "ran").value_or(0);
  job.missed += number(activity, "missed").value_or(0);
  job.failed += number(activity, "failed").value_or(0);
  raise(job.latency_max_us, number(activity, "latency_max_us"));
  // Processes of their own have threads of their own.
  if (const JobInfo* const known = find_job(name); known != nullptr && !known->own_process) {
    wait_max_us_ = std::max(wait_max_us_, number(activity, "wait_max_us").value_or(0));
  }
}

void Pace::accept_sample(const ordered_json& line) {
  const ordered_json activity = line.value("activity", ordered_json::object());
  for (const auto& [name, done] : activity.items()) accept_job(name, done);

  const ordered_json subject = line.value("subject", ordered_json::object());
  raise(affinity_errors_, number(subject, "affinity_errors"));
  raise(lock_wait_us_, number(subject, "lock_wait_us"));

  const ordered_json harness = line.value("harness", ordered_json());
  if (!harness.is_object()) return;
  const std::int64_t tick = line.value("tick", std::int64_t{-1});
  const Count rss_bytes = number(harness, "rss_bytes");
  const Count descriptors = number(harness, "descriptors");
  add(jitter_us_, number(harness, "jitter_us"));
  raise(rss_bytes_peak_, rss_bytes);
  raise(descriptors_peak_, descriptors);
  if (tick < warmup_ticks_ - 1) return;
  rss_bytes_.add(tick, rss_bytes);
  descriptors_.add(tick, descriptors);
}

void Pace::accept_end(const ordered_json& line) {
  // A slot missed after the last tick that ran is told here alone.
  ticks_ran_ = number(line, "ticks").value_or(ticks_ran_);
  ticks_missed_ = number(line, "missed").value_or(ticks_missed_);
}

bool Pace::rates_known() const {
  return ticks_ran_ > 0 && 20 * ticks_missed_ <= ticks_ran_ + ticks_missed_;
}

}  // namespace walsoak::facts
