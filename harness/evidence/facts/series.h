// The samples of a cell, folded as they come: where counting begins, where it stands, the peaks, and the bins
// of a few series for the question whether something grows in both halves. Its memory does not grow with the
// samples.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <string>

#include "harness/evidence/facts/sample.h"
#include "harness/evidence/stats/bins.h"

namespace walsoak::facts {

// Which samples are compared with one another. Where a collector runs every n ticks, only those of the same
// phase are, right after a collection: a saw-tooth is no growth.
struct Phase {
  std::int64_t warmup_ticks = 0;
  std::int64_t collector_every = 1;  // 1: every sample counts
  // Loud samples count, too, and growth is told from the least of thirds: a process that nobody orders to be
  // quiet.
  bool at_any_moment = false;

  bool counts(const Sample& sample) const {
    return (sample.quiet || at_any_moment) && sample.tick >= warmup_ticks - 1 &&
           (collector_every <= 1 || sample.tick % collector_every == collector_every - 1);
  }
};

class SampleSeries {
 public:
  // The series that are kept in bins.
  static constexpr Key kBinned[] = {Key::descriptors_net, Key::kernel_main_net, Key::kernel_main,
                                    Key::kernel_wal,      Key::kernel_shm,      Key::kernel_journal,
                                    Key::api_open,        Key::vfs_main,        Key::wal_bytes};
  static constexpr ProcessKey kBinnedOfProcess[] = {ProcessKey::descriptors, ProcessKey::rss_bytes};

  // One side of a comparison: `first` is the first sample that counts (after warm-up), `last` the last one.
  struct Moment {
    std::int64_t tick = -1;
    Counts total;
    std::map<std::string, Counts> boards;
    ProcessCounts process{};
  };

  // A process's descriptors and the limit that held at that sample.
  struct Room {
    std::int64_t descriptors = 0, limit = 0;

    // SQLite needs a main and a -wal descriptor, and the first connection a -shm: with 3 free the next open
    // fails or is the last.
    static constexpr std::int64_t kReserve = 3;

    std::int64_t free() const { return limit - descriptors; }
    bool exhausted() const { return free() <= kReserve; }
  };

  void set_phase(const Phase& phase) { phase_ = phase; }
  // Growth of a binned series is then told from the least of its first bin to the least of its last, instead
  // of from sample to sample: nobody chose the moment of a free-running cell's samples.
  void set_troughs(bool on);
  bool troughs() const { return troughs_; }
  const Phase& phase() const { return phase_; }

  // Whether the sample counts for growth.
  bool accept(const Sample& sample);

  bool empty() const { return counted_ == 0; }
  // Samples that count for growth; their bins have the same borders in all series.
  std::int64_t counted() const { return counted_; }
  // Throws std::out_of_range for a key that is not kept in bins.
  const stats::Bins& bins(Key key) const;
  const stats::Bins& bins(ProcessKey key) const;
  // The -wal of each board, 0 where there is none; borders as above.
  const std::map<std::string, stats::Bins>& wal_bytes() const { return wal_bytes_; }
  const Moment& first() const { return first_; }
  const Moment& last() const { return last_; }
  // Over every sample, warm-up and loud ones included.
  Count peak(Key key) const { return peak_[key]; }
  Count peak(ProcessKey key) const { return process_peak_[static_cast<std::size_t>(key)]; }

  // The sample with the fewest descriptors free, of all: a limit may change. Unknown by a gap.
  const std::optional<Room>& least_room() const { return least_room_; }

  // Where a series began after warm-up and where it stands.
  Count first_value(Key key) const;
  Count last_value(Key key) const;
  Count first_value(ProcessKey key) const;
  Count last_value(ProcessKey key) const;
  // Not known by fewer than two samples: one does not tell whether anything grew.
  template <typename AnyKey>
  Count growth(AnyKey key) const {
    return counted_ < 2 ? std::nullopt : difference(last_value(key), first_value(key));
  }

  // The most connections that were open at a quiet sample after warm-up, and at one that counts: they differ
  // in a saw-tooth alone.
  Count api_open_between() const { return api_open_between_; }
  Count api_open_counted() const { return api_open_counted_; }

 private:
  void accept_room(const Sample& sample);
  const stats::Bins* troughs(Key key) const;
  const stats::Bins* troughs(ProcessKey key) const;

  Phase phase_;
  bool troughs_ = false;
  std::int64_t counted_ = 0;
  std::array<stats::Bins, std::size(kBinned)> bins_;
  std::array<stats::Bins, std::size(kBinnedOfProcess)> process_bins_;
  std::map<std::string, stats::Bins> wal_bytes_;
  Moment first_, last_;
  bool any_ = false;
  Counts peak_;
  ProcessCounts process_peak_{};
  std::optional<Room> least_room_;
  Count api_open_between_, api_open_counted_;
};

}  // namespace walsoak::facts
