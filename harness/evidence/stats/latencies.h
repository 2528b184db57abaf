// Durations of a cell, counted as they come, and the percentiles of them: exact by nearest rank up to 4096
// values, beyond that from a histogram of bounded size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/base/shared/tristate.h"

namespace walsoak::stats {

// The histogram is log-linear, after the idea of Gil Tene's HdrHistogram (http://hdrhistogram.org): each
// power of two is cut into 128 buckets of equal width, so a bucket is narrower than 1/128 of its values. A
// percentile is the upper end of its bucket, but never more than the greatest value seen: it is at most
// 1/128 (0.8 %) too high and never too low. Values below 256 and the greatest are exact.
class Latencies {
 public:
  static constexpr std::size_t kExact = 4096;

  // In any unit; below 0 counts as 0.
  void add(std::int64_t value);

  std::int64_t count() const { return count_; }
  // The value that `share` (0 to 1) of the values did not exceed. Unknown without a value.
  Count at_share(double share) const;
  Count max() const { return count_ > 0 ? Count(max_) : std::nullopt; }

 private:
  void put(std::int64_t value);

  std::int64_t count_ = 0;
  std::int64_t max_ = 0;
  std::vector<std::int64_t> exact_;    // empty once there are more than kExact
  std::vector<std::int64_t> buckets_;  // as long as the greatest value needs: at most 7296
};

}  // namespace walsoak::stats
