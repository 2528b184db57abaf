#include "harness/evidence/stats/trend_teeth.h"

#include <algorithm>

#include "harness/evidence/stats/trend_slope.h"

namespace walsoak::stats {
namespace {

constexpr double kLeastRange = 3;
constexpr std::size_t kLeastFalls = 3;
constexpr double kFallToRise = 0.25;

// An extreme of the zigzag: the bin it stands in and its height above the line.
struct Turn {
  std::size_t bin = 0;
  double height = 0;
};

}  // namespace

std::optional<Teeth> find_teeth(const Bins& series, double slope) {
  std::vector<const Bin*> bins;
  for (const Bin& bin : series.bins()) {
    if (bin.count > 0) bins.push_back(&bin);
  }
  if (bins.size() < 4 * kLeastFalls) return std::nullopt;
  const auto above = [&](std::size_t i, Count value) {
    return static_cast<double>(*value) -
           slope * static_cast<double>(bins[i]->tick_first + bins[i]->tick_last) / 2;
  };
  double least = above(0, bins[0]->min), greatest = least;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    least = std::min(least, above(i, bins[i]->min));
    greatest = std::max(greatest, above(i, bins[i]->max));
  }
  const double range = greatest - least;
  if (range < kLeastRange) return std::nullopt;

  // A zigzag that turns where the series has come back by half the range. A bin gives its greatest while
  // the series rises and its least while it falls.
  std::vector<Turn> troughs;
  Turn peak{0, above(0, bins[0]->max)}, trough{0, above(0, bins[0]->min)};
  bool rising = true;
  double rise = 0, fall = 0;
  std::vector<double> heights;
  for (std::size_t i = 1; i < bins.size(); ++i) {
    const double low = above(i, bins[i]->min), high = above(i, bins[i]->max);
    if (rising) {
      if (high >= peak.height) peak = {i, high};
      if (peak.height - low > range / 2 && i > peak.bin) {
        rise += static_cast<double>(peak.bin - trough.bin);
        trough = {i, low};
        rising = false;
      }
    }
    if (!rising) {
      if (low < trough.height) trough = {i, low};
      if (high - trough.height > range / 2 && i > trough.bin) {
        troughs.push_back(trough);
        fall += static_cast<double>(trough.bin - peak.bin);
        heights.push_back(peak.height - trough.height);
        peak = {i, high};
        rising = true;
      }
    }
  }
  if (!rising) {
    troughs.push_back(trough);
    fall += static_cast<double>(trough.bin - peak.bin);
    heights.push_back(peak.height - trough.height);
  }
  if (troughs.size() < kLeastFalls || fall > kFallToRise * rise) return std::nullopt;

  Teeth teeth;
  teeth.height = median_of(heights);
  for (const Turn& turn : troughs) {
    const Bin& bin = *bins[turn.bin];
    teeth.troughs.push_back({static_cast<std::int64_t>(teeth.troughs.size()),
                             static_cast<double>(bin.tick_first + bin.tick_last) / 2,
                             static_cast<double>(*bin.min)});
  }
  return teeth;
}

}  // namespace walsoak::stats
