// One series of a cell in bounded memory, however long the cell runs: at most 512 bins of equal width, each
// with its least, greatest and median value. While there are no more than 512 samples a bin is one sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "harness/base/shared/tristate.h"

namespace walsoak::stats {

// Values with weights, from which a median is told. Equal values share an entry, so it is exact while there
// are at most 16 different ones. Beyond that the two neighbours of least weight together become one entry: it
// has the value of the heavier (of equals the lower) and the weight of both. Two sketches merge by putting
// their entries together and thinning again. Nothing is drawn by lot: the same values in the same order give
// the same median.
class MedianSketch {
 public:
  static constexpr std::size_t kMostEntries = 16;

  void add(std::int64_t value, std::int64_t weight = 1);
  void add(const MedianSketch& other);

  // By nearest rank; of an even number of values the lower of the two in the middle. Unknown without a value.
  Count median() const;
  std::size_t entries() const { return entries_.size(); }

 private:
  void thin();

  std::vector<std::pair<std::int64_t, std::int64_t>> entries_;  // value and weight, by value
};

// Samples next to one another. A sample whose value is not known counts in `samples` and nowhere else: like a
// loud one it says nothing about the least. Where no value is known, least, greatest and median are unknown.
struct Bin {
  std::int64_t tick_first = 0, tick_last = 0;
  std::int64_t samples = 0;
  std::int64_t count = 0;  // of them, with a value
  Count min, max;
  MedianSketch sketch;  // empty while all values are the same: most bins are one sample, and hours have many

  Count median() const { return sketch.entries() == 0 ? min : sketch.median(); }
  void add(std::int64_t tick, Count value);
  // The bin that comes right after this one.
  void add(const Bin& next);

 private:
  // So many values between the two ends; `values` is empty where all are `least`.
  void add_values(std::int64_t least, std::int64_t greatest, std::int64_t how_many,
                  const MedianSketch& values);
};

class Bins {
 public:
  static constexpr std::size_t kMost = 512;

  // Takes all the memory that the series will ever need: what watches for leaks over hours should not grow
  // itself.
  void allocate();

  // The ticks of one series never fall.
  void add(std::int64_t tick, Count value);

  bool empty() const { return bins_.empty(); }
  const std::vector<Bin>& bins() const { return bins_; }
  // Samples in a bin, but for the last, which may still be filling. Doubles when there are 512 bins: each two
  // become one.
  std::int64_t width() const { return width_; }

  // The bins between which growth is told; none may be asked for while there are no samples. A last bin that
  // is less than half full has no trough to speak of and is taken together with the one before it.
  const Bin& first() const { return bins_.front(); }
  const Bin& middle() const { return bins_[(bins_.size() - 1) / 2]; }
  Bin last() const;

 private:
  std::vector<Bin> bins_;
  std::int64_t width_ = 1;
};

}  // namespace walsoak::stats
