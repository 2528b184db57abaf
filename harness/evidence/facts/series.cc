#include "harness/evidence/facts/series.h"

#include <algorithm>

namespace walsoak::facts {
namespace {

Count at(const ProcessCounts& process, ProcessKey key) {
  return process[static_cast<std::size_t>(key)];
}

// The place of a key among those kept in bins, or past their end.
template <typename AnyKey, std::size_t n>
std::size_t place(const AnyKey (&keys)[n], AnyKey key) {
  return static_cast<std::size_t>(std::find(std::begin(keys), std::end(keys), key) - std::begin(keys));
}

}  // namespace

const stats::Bins& SampleSeries::bins(Key key) const {
  return bins_.at(place(kBinned, key));
}
const stats::Bins& SampleSeries::bins(ProcessKey key) const {
  return process_bins_.at(place(kBinnedOfProcess, key));
}

// The bins that tell the growth of this series; null where samples do.
const stats::Bins* SampleSeries::troughs(Key key) const {
  const std::size_t index = place(kBinned, key);
  return troughs_ && !empty() && index < bins_.size() ? &bins_[index] : nullptr;
}
const stats::Bins* SampleSeries::troughs(ProcessKey key) const {
  const std::size_t index = place(kBinnedOfProcess, key);
  return troughs_ && !empty() && index < process_bins_.size() ? &process_bins_[index] : nullptr;
}

Count SampleSeries::first_value(Key key) const {
  const stats::Bins* bins = troughs(key);
  return bins ? bins->first().min : first_.total[key];
}
Count SampleSeries::last_value(Key key) const {
  const stats::Bins* bins = troughs(key);
  return bins ? bins->last().min : last_.total[key];
}
Count SampleSeries::first_value(ProcessKey key) const {
  const stats::Bins* bins = troughs(key);
  return bins ? bins->first().min : at(first_.process, key);
}
Count SampleSeries::last_value(ProcessKey key) const {
  const stats::Bins* bins = troughs(key);
  return bins ? bins->last().min : at(last_.process, key);
}

void SampleSeries::set_troughs(bool on) {
  troughs_ = on;
  if (!on) return;
  for (stats::Bins& bins : bins_) bins.allocate();
  for (stats::Bins& bins : process_bins_) bins.allocate();
}

// Called before the peaks take this sample: `any_` says whether there was one before.
void SampleSeries::accept_room(const Sample& sample) {
  const Count descriptors = at(sample.process, ProcessKey::descriptors);
  const Count limit = at(sample.process, ProcessKey::descriptor_limit);
  if (!descriptors || !limit) {
    least_room_.reset();
    return;
  }
  const Room room{*descriptors, *limit};
  const bool gap_before = any_ && !least_room_;
  if (!gap_before && (!any_ || room.free() < least_room_->free())) least_room_ = room;
}

bool SampleSeries::accept(const Sample& sample) {
  accept_room(sample);
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
  for (std::size_t i = 0; i < bins_.size(); ++i) bins_[i].add(sample.tick, total[kBinned[i]]);
  for (std::size_t i = 0; i < process_bins_.size(); ++i) {
    process_bins_[i].add(sample.tick, at(sample.process, kBinnedOfProcess[i]));
  }
  for (const auto& [board, counts] : sample.boards) {
    const auto [entry, added] = wal_bytes_.try_emplace(board);
    if (added && troughs_) entry->second.allocate();
    entry->second.add(sample.tick, counts[Key::wal_bytes].value_or(0));
  }
  last_ = {sample.tick, total, sample.boards, sample.process};
  if (++counted_ == 1) first_ = last_;
  return true;
}

}  // namespace walsoak::facts
