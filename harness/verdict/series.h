// The samples of a cell, folded as they come: where counting begins, where it stands, the peaks, and a few
// totals a tick for the question whether something grows in both halves.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/verdict/sample.h"

namespace walsoak::verdict {

// Which samples are compared with one another. Where a collector runs every n ticks, only those of the same
// phase are, right after a collection: a saw-tooth is no growth.
struct Phase {
  std::int64_t warmup_ticks = 0;
  std::int64_t collector_every = 1;  // 1: every sample counts

  bool counts(const Sample& sample) const {
    return sample.quiet && sample.tick >= warmup_ticks - 1 &&
           (collector_every <= 1 || sample.tick % collector_every == collector_every - 1);
  }
};

class SampleSeries {
 public:
  // What a tick's sample leaves behind.
  struct Point {
    std::int64_t tick;
    Count descriptors_net, kernel_main_net, kernel_wal, kernel_shm, kernel_journal;
  };
  // One side of a comparison: `first` is the first sample that counts (after warm-up), `last` the last one.
  struct Moment {
    std::int64_t tick = -1;
    Counts total;
    std::map<std::string, Counts> boards;
    ProcessCounts process{};
  };

  void set_phase(const Phase& phase) { phase_ = phase; }
  const Phase& phase() const { return phase_; }

  // Whether the sample counts for growth.
  bool accept(const Sample& sample);

  bool empty() const { return points_.empty(); }
  const std::vector<Point>& points() const { return points_; }
  const Moment& first() const { return first_; }
  const Moment& last() const { return last_; }
  // Over every sample, warm-up and loud ones included.
  Count peak(Key key) const { return peak_[key]; }
  Count peak(ProcessKey key) const { return process_peak_[static_cast<std::size_t>(key)]; }

  Count growth(Key key) const { return difference(last_.total[key], first_.total[key]); }

  // The most connections that were open at a quiet sample after warm-up, and at one that counts: they differ
  // in a saw-tooth alone.
  Count api_open_between() const { return api_open_between_; }
  Count api_open_counted() const { return api_open_counted_; }

 private:
  Phase phase_;
  std::vector<Point> points_;
  Moment first_, last_;
  bool any_ = false;
  Counts peak_;
  ProcessCounts process_peak_{};
  Count api_open_between_, api_open_counted_;
};

}  // namespace walsoak::verdict
