#include "harness/judgement/finding/metric_direction.h"

#include <initializer_list>

namespace walsoak::judgement {
namespace {

using Kinds = std::map<std::string, MetricKind>;
using Names = std::initializer_list<const char*>;

// Of the figures of a key; `<key>_first` has none.
struct KeyDirections {
  Direction last = Direction::none;  // of a counter that only rises the whole cost
  Direction growth = Direction::none;
  Direction peak = Direction::none;
};

void add_keys(Kinds& kinds, Names keys, Nature nature, KeyDirections directions) {
  for (const std::string key : keys) {
    kinds[key + "_first"] = {Direction::none, nature};
    kinds[key + "_last"] = {directions.last, nature};
    kinds[key + "_growth"] = {directions.growth, nature};
    kinds[key + "_peak"] = {directions.peak, nature};
  }
}

void add(Kinds& kinds, Names names, Nature nature, Direction direction) {
  for (const char* name : names) kinds[name] = {direction, nature};
}

void add_samples(Kinds& kinds) {
  using enum Nature;
  using enum Direction;
  add_keys(kinds,
           {"kernel_main_deleted", "kernel_wal_deleted", "kernel_shm_deleted", "kernel_main_replaced",
            "descriptors"},
           counted, {none, lower, lower});
  // How high each class of descriptors went is told by that of all; how each grew tells the mechanism.
  add_keys(kinds,
           {"api_open", "vfs_main", "vfs_wal", "vfs_shm", "vfs_journal", "kernel_main", "kernel_wal",
            "kernel_shm", "kernel_journal", "parked", "kernel_main_net", "descriptors_net"},
           counted, {none, lower, none});
  add_keys(kinds, {"wal_bytes", "rss_bytes"}, measured, {none, lower, lower});
  add_keys(kinds, {"vfs_syncs"}, counted, {lower, none, none});
  add_keys(kinds, {"vfs_bytes_written", "vfs_bytes_read"}, measured, {lower, none, none});
  // Told by connections_opened_in_scope, last_closes_in_scope and wal_unlinked.
  add_keys(kinds,
           {"api_opened", "api_closed", "api_opened_in_scope", "vfs_main_opens", "vfs_wal_opens",
            "vfs_shm_maps", "vfs_wal_unlinks", "vfs_wal_unlinks_in_scope"},
           counted, {});
  // A lock less may be a connection less, or a lock that was lost: the finding tells. Threads are the pool's.
  add_keys(kinds,
           {"vfs_main_peak", "guards", "lock_main_posix", "lock_main_ofd", "lock_shm_dms", "descriptor_limit",
            "threads"},
           counted, {});
  add_keys(kinds, {"main_bytes", "shm_bytes"}, measured, {});
}

void add_counts(Kinds& kinds) {
  using enum Nature;
  using enum Direction;
  add(kinds,
      {"connections_opened_in_scope", "lost_commits", "lost_inside", "lost_outside", "integrity_failed",
       "ledgers_parted", "steps_failed", "passes_failed", "wal_unlinked", "last_closes_in_scope",
       "unordered_deaths"},
      counted, lower);
  add(kinds, {"acknowledged"}, counted, higher);
  add(kinds,
      {"steps", "passes", "wal_created", "shm_created", "shm_unlinked", "last_closes_apart", "lost_by_fault",
       "inside_error", "outside_error"},
      counted, none);
}

// The greatest of many times is what the machine did once: it has no direction.
void add_times(Kinds& kinds) {
  using enum Nature;
  using enum Direction;
  add(kinds,
      {"dispatch_p50_us", "dispatch_p99_us", "tick_p50_us", "tick_p99_us", "late_p50_us", "late_p99_us",
       "lag_p50_us", "lag_p99_us", "lock_wait_us"},
      measured, lower);
  add(kinds, {"dispatch_max_us", "tick_max_us", "late_max_us", "lag_max_us", "wait_max_us"}, measured, none);
}

void add_free_running(Kinds& kinds) {
  using enum Nature;
  using enum Direction;
  add(kinds, {"ticks_ran"}, counted, higher);
  add(kinds, {"ticks_missed", "affinity_errors", "descriptors_net_slope_per_million_ticks"}, counted, lower);
  add(kinds,
      {"rates_known", "descriptors_net_slope_low_per_million_ticks",
       "descriptors_net_slope_high_per_million_ticks", "descriptors_net_last_quarter_slope_per_million_ticks",
       "descriptors_net_min_detectable_slope_per_million_ticks", "descriptors_net_trend_p_per_million",
       "descriptors_net_effective_samples"},
      counted, none);
  for (const std::string job : {"notifier", "slash", "visit", "dashboard", "dispatcher_2"}) {
    kinds[job + "_ran"] = {none, counted};
    kinds[job + "_missed"] = {lower, counted};
    kinds[job + "_failed"] = {lower, counted};
    kinds[job + "_latency_max_us"] = {none, measured};
  }
  // walsoak itself.
  add_keys(kinds, {"harness_rss_bytes"}, measured, {});
  add_keys(kinds, {"harness_descriptors"}, counted, {});
  add(kinds, {"harness_jitter_us_p50", "harness_jitter_us_p99", "harness_jitter_us_peak"}, measured, none);
}

}  // namespace

const std::map<std::string, MetricKind>& metric_kinds() {
  static const Kinds kinds = [] {
    Kinds all;
    add_samples(all);
    add_counts(all);
    add_times(all);
    add_free_running(all);
    return all;
  }();
  return kinds;
}

const char* text(Direction direction) {
  return direction == Direction::lower ? "lower" : direction == Direction::higher ? "higher" : "none";
}

}  // namespace walsoak::judgement
