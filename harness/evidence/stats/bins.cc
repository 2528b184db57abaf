#include "harness/evidence/stats/bins.h"

#include <algorithm>

namespace walsoak::stats {

void MedianSketch::add(std::int64_t value, std::int64_t weight) {
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), value,
                                   [](const auto& entry, std::int64_t v) { return entry.first < v; });
  if (at != entries_.end() && at->first == value) {
    at->second += weight;
    return;
  }
  entries_.insert(at, {value, weight});
  if (entries_.size() > kMostEntries) thin();
}

void MedianSketch::add(const MedianSketch& other) {
  for (const auto& [value, weight] : other.entries_) add(value, weight);
}

void MedianSketch::thin() {
  std::size_t lightest = 0;
  const auto together = [this](std::size_t i) { return entries_[i].second + entries_[i + 1].second; };
  for (std::size_t i = 1; i + 1 < entries_.size(); ++i) {
    if (together(i) < together(lightest)) lightest = i;
  }
  auto& kept = entries_[lightest];
  const auto& gone = entries_[lightest + 1];
  if (gone.second > kept.second) kept.first = gone.first;
  kept.second += gone.second;
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(lightest) + 1);
}

Count MedianSketch::median() const {
  std::int64_t all = 0;
  for (const auto& [value, weight] : entries_) all += weight;
  std::int64_t rank = (all + 1) / 2;
  for (const auto& [value, weight] : entries_) {
    rank -= weight;
    if (rank <= 0) return value;
  }
  return std::nullopt;
}

void Bin::add(std::int64_t tick, Count value) {
  if (samples == 0) tick_first = tick;
  tick_last = tick;
  ++samples;
  if (value) add_values(*value, *value, 1, {});
}

void Bin::add(const Bin& next) {
  tick_last = next.tick_last;
  samples += next.samples;
  if (next.count > 0) add_values(*next.min, *next.max, next.count, next.sketch);
}

void Bin::add_values(std::int64_t least, std::int64_t greatest, std::int64_t how_many,
                     const MedianSketch& values) {
  const bool one_value = (count == 0 || min == max) && least == greatest && (count == 0 || *min == least);
  if (!one_value) {
    if (sketch.entries() == 0 && count > 0) sketch.add(*min, count);
    if (values.entries() > 0) {
      sketch.add(values);
    } else {
      sketch.add(least, how_many);
    }
  }
  count += how_many;
  min = std::min(min.value_or(least), least);
  max = std::max(max.value_or(greatest), greatest);
}

void Bins::allocate() {
  if (!bins_.empty()) return;
  // Constructed and not only reserved: a page counts once it was touched.
  bins_.resize(kMost);
  bins_.clear();
}

void Bins::add(std::int64_t tick, Count value) {
  if (bins_.empty() || bins_.back().samples >= width_) {
    if (bins_.size() == kMost) {
      for (std::size_t i = 0; i < kMost / 2; ++i) {
        Bin pair = std::move(bins_[2 * i]);
        pair.add(bins_[2 * i + 1]);
        bins_[i] = std::move(pair);
      }
      bins_.resize(kMost / 2);
      width_ *= 2;
    }
    bins_.emplace_back();
  }
  bins_.back().add(tick, value);
}

Bin Bins::last() const {
  const Bin& last = bins_.back();
  if (bins_.size() == 1 || 2 * last.samples >= width_) return last;
  Bin both = bins_[bins_.size() - 2];
  both.add(last);
  return both;
}

}  // namespace walsoak::stats
