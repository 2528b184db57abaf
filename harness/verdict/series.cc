#include "harness/verdict/series.h"

#include <algorithm>

namespace walsoak::verdict {
namespace {

void raise(Count& peak, Count value) {
  if (value) peak = std::max(peak.value_or(*value), *value);
}

}  // namespace

bool SampleSeries::accept(const Sample& sample) {
  if (!any_) {
    peak_ = sample.total;
    process_peak_ = sample.process;
    any_ = true;
  } else {
    peak_.raise_to(sample.total);
    for (std::size_t i = 0; i < process_peak_.size(); ++i) {
      // A sample without this number leaves the peak unknown.
      const Count value = sample.process[i];
      process_peak_[i] =
          process_peak_[i] && value ? Count(std::max(*process_peak_[i], *value)) : std::nullopt;
    }
  }
  if (sample.quiet && sample.tick >= phase_.warmup_ticks - 1) {
    raise(api_open_between_, sample.total[Key::api_open]);
  }
  if (!phase_.counts(sample)) return false;

  raise(api_open_counted_, sample.total[Key::api_open]);
  const Counts& total = sample.total;
  points_.push_back({sample.tick, total[Key::descriptors_net], total[Key::kernel_main_net],
                     total[Key::kernel_wal], total[Key::kernel_shm], total[Key::kernel_journal]});
  last_ = {sample.tick, total, sample.boards, sample.process};
  if (points_.size() == 1) first_ = last_;
  return true;
}

}  // namespace walsoak::verdict
