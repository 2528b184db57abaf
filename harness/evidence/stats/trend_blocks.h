// The series that a trend is told from: blocks of neighbouring bins, each with its least or greatest value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/evidence/stats/bins.h"

namespace walsoak::stats {

enum class Side { troughs, peaks };  // the least of each block, for leaks; the greatest

// One block. `place` counts blocks from the start, those left out too: neighbours differ by one.
struct Point {
  std::int64_t place = 0;
  double tick = 0;  // the middle of its samples
  double value = 0;
};

struct Blocks {
  std::vector<Point> points;
  std::int64_t missing = 0;  // left out: too few values for an extreme to mean the same as in the others
  std::int64_t ticks = 0;    // from the first tick to the last
};

// 128 blocks keep a pool that forgets within a few percent of the run apart from a trend: more would be alike
// from neighbour to neighbour for the rounding to whole descriptors to hide how alike, fewer would not leave
// enough of them (both measured; see docs/trends.md).
constexpr std::size_t kMostBlocks = 128;

// At most `most` blocks of equally many bins. A last block of less than half the bins goes with the one
// before it. A block with fewer than half the values of the median block is left out and counted in
// `missing`.
Blocks blocks_of(const Bins& bins, Side side, std::size_t most = kMostBlocks);

}  // namespace walsoak::stats
