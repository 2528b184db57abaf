// A saw-tooth in a series: slow rises that end in sudden falls, again and again.
#pragma once

#include <optional>
#include <vector>

#include "harness/evidence/stats/bins.h"
#include "harness/evidence/stats/trend_blocks.h"

namespace walsoak::stats {

struct Teeth {
  std::vector<Point> troughs;  // the least between two falls, places in order without gaps
  double height = 0;           // median fall
};

// Teeth that a bin does not hide: three falls or more of over half the range about the line of `slope` (per
// tick), each in a quarter of the time of the rise before it or less, all together. A random walk turns as it
// came, at any scale; a collector does not. None where the range is less than 3 descriptors.
std::optional<Teeth> find_teeth(const Bins& bins, double slope);

}  // namespace walsoak::stats
