#include "harness/evidence/stats/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace walsoak::stats {
namespace {

constexpr std::int64_t kPerPower = 128;  // buckets for each power of two
constexpr int kLinearBits = 8;           // values of so many bits have a bucket each

std::size_t bucket_of(std::int64_t value) {
  const auto bits = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value)));
  const int shift = std::max(0, bits - kLinearBits);
  return static_cast<std::size_t>(kPerPower * shift + (value >> shift));
}

std::int64_t upper_end(std::size_t bucket) {
  const auto at = static_cast<std::int64_t>(bucket);
  const std::int64_t shift = std::max<std::int64_t>(0, at / kPerPower - 1);
  const std::int64_t step = at - kPerPower * shift;
  // Unsigned: the end of the very last bucket is one below 2^63.
  return static_cast<std::int64_t>((static_cast<std::uint64_t>(step + 1) << shift) - 1);
}

}  // namespace

void Latencies::put(std::int64_t value) {
  const std::size_t bucket = bucket_of(value);
  if (bucket >= buckets_.size()) buckets_.resize(bucket + 1);
  ++buckets_[bucket];
}

void Latencies::add(std::int64_t value) {
  value = std::max<std::int64_t>(value, 0);
  max_ = std::max(max_, value);
  ++count_;
  if (buckets_.empty() && exact_.size() < kExact) {
    exact_.push_back(value);
    return;
  }
  for (const std::int64_t earlier : exact_) put(earlier);
  exact_ = {};
  put(value);
}

Count Latencies::at_share(double share) const {
  if (count_ == 0) return std::nullopt;
  const auto wanted = static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count_)));
  std::int64_t rank = std::clamp<std::int64_t>(wanted, 1, count_);
  if (buckets_.empty()) {
    std::vector<std::int64_t> sorted = exact_;
    const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    std::nth_element(sorted.begin(), at, sorted.end());
    return *at;
  }
  for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
    rank -= buckets_[bucket];
    if (rank <= 0) return std::min(upper_end(bucket), max_);
  }
  return max_;
}

}  // namespace walsoak::stats
