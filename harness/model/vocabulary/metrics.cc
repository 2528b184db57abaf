#include "harness/model/vocabulary/metrics.h"

#include <algorithm>

#include "harness/model/vocabulary/jobs.h"

namespace walsoak {
namespace {

using enum Direction;
using enum Nature;

// A key of the samples gives four metrics: <key>_first and _last after warm-up, _growth between them, _peak
// of all samples. Peaks of single classes have no better way: the peak of `descriptors` says how high all of
// them went. A lock less may be a connection less or a lost lock, which the finding tells apart.
struct SampleKey {
  std::string_view key, unit;
  Nature nature;
  Direction last, growth, peak;  // `last` of a counter that only rises is the whole cost
  std::string_view meaning;
};

constexpr SampleKey kKeys[] = {
    {"api_open", "", counted, none, lower, none, "connections open in the subject's own count"},
    {"api_opened", "", counted, none, none, none, "connections opened so far"},
    {"api_closed", "", counted, none, none, none, "connections closed so far"},
    {"api_opened_in_scope", "", counted, none, none, none,
     "connections opened so far by actors that go through the strategy"},
    {"vfs_main", "", counted, none, lower, none, "main files open in the counting VFS"},
    {"vfs_main_peak", "", counted, none, none, none, "most main files open at once in the counting VFS"},
    {"vfs_main_opens", "", counted, none, none, none, "opens of a main file so far"},
    {"vfs_wal", "", counted, none, lower, none, "-wal files open in the counting VFS"},
    {"vfs_wal_opens", "", counted, none, none, none, "opens of a -wal so far"},
    {"vfs_shm", "", counted, none, lower, none, "connections with a mapped -shm"},
    {"vfs_shm_maps", "", counted, none, none, none, "maps of a -shm so far"},
    {"vfs_journal", "", counted, none, lower, none, "rollback journals open in the counting VFS"},
    {"vfs_wal_unlinks", "", counted, none, none, none, "unlinks of a -wal by the subject so far"},
    {"vfs_wal_unlinks_in_scope", "", counted, none, none, none,
     "the same by actors that go through the strategy"},
    {"vfs_syncs", "", counted, lower, none, none, "xSync calls so far"},
    {"vfs_bytes_written", "bytes", measured, lower, none, none, "bytes written so far"},
    {"vfs_bytes_read", "bytes", measured, lower, none, none, "bytes read so far"},
    {"kernel_main", "", counted, none, lower, none, "descriptors on the boards' main files"},
    {"kernel_wal", "", counted, none, lower, none, "descriptors on -wal files"},
    {"kernel_shm", "", counted, none, lower, none, "descriptors on -shm files"},
    {"kernel_journal", "", counted, none, lower, none, "descriptors on rollback journals"},
    {"kernel_main_deleted", "", counted, none, lower, lower, "descriptors on main files that are deleted"},
    {"kernel_wal_deleted", "", counted, none, lower, lower, "descriptors on -wal files that are deleted"},
    {"kernel_shm_deleted", "", counted, none, lower, lower, "descriptors on -shm files that are deleted"},
    {"kernel_main_replaced", "", counted, none, lower, lower,
     "descriptors on a main file that is not the one at its path"},
    {"guards", "", counted, none, none, none, "descriptors of lock guards"},
    {"lock_main_posix", "", counted, none, none, none, "POSIX locks on the main files' shared range"},
    {"lock_main_ofd", "", counted, none, none, none,
     "open-file-description locks on the main files' shared range"},
    {"lock_shm_dms", "", counted, none, none, none,
     "locks on byte 128 of the -shm, which every connection keeps"},
    {"main_bytes", "bytes", measured, none, none, none, "size of the main files"},
    {"wal_bytes", "bytes", measured, none, lower, lower, "size of the -wal files"},
    {"shm_bytes", "bytes", measured, none, none, none, "size of the -shm files"},
    {"parked", "", counted, none, lower, none,
     "main descriptors that SQLite keeps beyond the open connections"},
    {"kernel_main_net", "", counted, none, lower, none, "main descriptors without the parked ones"},
    {"descriptors_net", "", counted, none, lower, none,
     "all descriptors on the boards' files without the parked ones"},
    {"descriptors", "", counted, none, lower, lower, "descriptors of the process"},
    {"descriptor_limit", "", counted, none, none, none, "soft RLIMIT_NOFILE of the process"},
    {"threads", "", counted, none, none, none, "threads of the process"},
    {"rss_bytes", "bytes", measured, none, lower, lower, "resident memory of the process"},
};

struct SingleInfo {
  std::string_view name, unit;
  Nature nature;
  Direction better;
  std::string_view meaning;
};

constexpr SingleInfo kSingles[] = {
    {"connections_opened_in_scope", "", counted, lower,
     "connections that actors going through the strategy opened in the whole cell"},
    {"acknowledged", "", counted, higher, "commits that a writer logged after COMMIT had returned"},
    {"lost_commits", "", counted, lower,
     "acknowledged commits that the final copy lacks, without those that a fault took"},
    {"lost_inside", "", counted, lower, "acknowledged commits that the subject does not see at the end"},
    {"lost_outside", "", counted, lower, "acknowledged commits that another process does not see at the end"},
    {"lost_by_fault", "", counted, none, "acknowledged commits that a fault replaced or overwrote"},
    {"integrity_failed", "", counted, lower, "boards whose final copy fails its integrity check"},
    {"inside_error", "", counted, none, "first extended error code of the look from inside; 0: none"},
    {"outside_error", "", counted, none, "first extended error code of the look from outside; 0: none"},
    {"unordered_deaths", "", counted, lower, "processes that died without an order"},
    {"ledgers_parted", "", counted, lower, "samples at which an equation between two ledgers did not hold"},
    {"steps", "", counted, none, "steps that ran"},
    {"steps_failed", "", counted, lower, "steps that failed"},
    {"passes", "", counted, none, "dispatch passes over a board"},
    {"passes_failed", "", counted, lower, "dispatch passes over a board that failed"},
    {"passes_locked_out", "", counted, none,
     "boards that a dispatch pass left alone, as another process had their flock"},
    {"dispatch_p50_us", "us", measured, lower, "median duration of a dispatch pass over all boards"},
    {"dispatch_p99_us", "us", measured, lower, "99th percentile of the duration of a dispatch pass"},
    {"dispatch_max_us", "us", measured, none, "longest dispatch pass"},
    {"wal_created", "", counted, none, "-wal files created in the board folders, by any process"},
    {"wal_unlinked", "", counted, lower, "-wal files unlinked in the board folders, by any process"},
    {"shm_created", "", counted, none, "-shm files created in the board folders, by any process"},
    {"shm_unlinked", "", counted, none, "-shm files unlinked in the board folders, by any process"},
    {"last_closes_in_scope", "", counted, lower,
     "closes by actors going through the strategy that unlinked a -wal"},
    {"last_closes_apart", "", counted, none, "closes by all other actors that unlinked a -wal"},
};

// The greatest of many times is an accident of the machine: it has no better way.
constexpr SingleInfo kFreeRunning[] = {
    {"ticks_ran", "", counted, higher, "slots of the dispatcher that ran"},
    {"ticks_missed", "", counted, lower,
     "slots of the dispatcher that were skipped because the one before was not over"},
    {"rates_known", "", counted, none, "1; 0 where more than 5 % of the slots were missed"},
    {"tick_p50_us", "us", measured, lower, "median duration of a tick with all its waiting"},
    {"tick_p99_us", "us", measured, lower, "99th percentile of the duration of a tick with all its waiting"},
    {"tick_max_us", "us", measured, none, "greatest duration of a tick with all its waiting"},
    {"late_p50_us", "us", measured, lower, "median delay of a tick behind its slot"},
    {"late_p99_us", "us", measured, lower, "99th percentile of the delay of a tick behind its slot"},
    {"late_max_us", "us", measured, none, "greatest delay of a tick behind its slot"},
    {"lag_p50_us", "us", measured, lower, "median lag of the event loop"},
    {"lag_p99_us", "us", measured, lower, "99th percentile of the lag of the event loop"},
    {"lag_max_us", "us", measured, none, "greatest lag of the event loop"},
    {"wait_max_us", "us", measured, none, "longest wait of a step for a thread"},
    {"lock_wait_us", "us", measured, lower, "time spent waiting for a serialized connection's lock"},
    {"affinity_errors", "", counted, lower, "uses of a connection from a thread that it is not for"},
    {"descriptors_net_slope_per_million_ticks", "1/1000000 ticks", counted, lower,
     "growth of the troughs of descriptors_net"},
    {"descriptors_net_slope_low_per_million_ticks", "1/1000000 ticks", counted, none,
     "lower end of the interval of that growth"},
    {"descriptors_net_slope_high_per_million_ticks", "1/1000000 ticks", counted, none,
     "upper end of the interval of that growth"},
    {"descriptors_net_last_quarter_slope_per_million_ticks", "1/1000000 ticks", counted, none,
     "the same growth in the last quarter of the run"},
    {"descriptors_net_min_detectable_slope_per_million_ticks", "1/1000000 ticks", counted, none,
     "least growth that this run with its own noise would have shown"},
    {"descriptors_net_trend_p_per_million", "", counted, none,
     "p of the corrected Mann-Kendall test, times a million"},
    {"descriptors_net_effective_samples", "", counted, none, "independent points among the samples"},
    {"harness_jitter_us_p50", "us", measured, none, "median delay of walsoak's own sampling timer"},
    {"harness_jitter_us_p99", "us", measured, none,
     "99th percentile of the delay of walsoak's own sampling timer"},
    {"harness_jitter_us_peak", "us", measured, none, "longest delay of walsoak's own sampling timer"},
};

// walsoak itself.
constexpr SampleKey kFreeRunningKeys[] = {
    {"harness_rss_bytes", "bytes", measured, none, none, none, "walsoak's own resident memory"},
    {"harness_descriptors", "", counted, none, none, none, "walsoak's own descriptors"},
};

using Rows = std::vector<MetricInfo>;

void add_key(Rows& rows, const SampleKey& key, bool free_running) {
  const auto add = [&](const char* figure, Direction better, const char* when) {
    rows.push_back({std::string(key.key) + figure, key.unit, better, key.nature, free_running,
                    std::string(key.meaning) + ", " + when});
  };
  add("_first", none, "at the first sample after warm-up");
  add("_last", key.last, "at the last sample");
  add("_growth", key.growth, "growth from the first to the last sample");
  add("_peak", key.peak, "most at any sample");
}

void add_single(Rows& rows, const SingleInfo& one, bool free_running) {
  rows.push_back(
      {std::string(one.name), one.unit, one.better, one.nature, free_running, std::string(one.meaning)});
}

void add_job(Rows& rows, const JobInfo& job) {
  const std::string name = metric_prefix_of(job.name), meaning(job.meaning);
  rows.push_back({name + "_ran", "", none, counted, true, meaning + " that ran"});
  rows.push_back({name + "_missed", "", lower, counted, true, meaning + " that were skipped"});
  rows.push_back({name + "_failed", "", lower, counted, true, meaning + " that failed"});
  rows.push_back({name + "_latency_max_us", "us", none, measured, true, "longest of the " + meaning});
}

Rows make_rows() {
  Rows rows;
  for (const SampleKey& key : kKeys) add_key(rows, key, false);
  for (const SingleInfo& one : kSingles) add_single(rows, one, false);
  for (const SingleInfo& one : kFreeRunning) add_single(rows, one, true);
  for (const SampleKey& key : kFreeRunningKeys) add_key(rows, key, true);
  for (const JobInfo& job : kJobs) add_job(rows, job);
  std::sort(rows.begin(), rows.end(),
            [](const MetricInfo& a, const MetricInfo& b) { return a.name < b.name; });
  return rows;
}

}  // namespace

std::span<const MetricInfo> metrics_table() {
  static const Rows rows = make_rows();
  return rows;
}

const MetricInfo* find_metric(std::string_view name) {
  for (const MetricInfo& info : metrics_table()) {
    if (info.name == name) return &info;
  }
  return nullptr;
}

bool is_metric_name(std::string_view text) {
  return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::vector<std::string> metric_names(bool free_running) {
  std::vector<std::string> names;
  for (const MetricInfo& info : metrics_table()) {
    if (info.free_running == free_running) names.push_back(info.name);
  }
  return names;
}

const char* direction_text(Direction direction) {
  return direction == lower ? "lower" : direction == higher ? "higher" : "none";
}

}  // namespace walsoak
