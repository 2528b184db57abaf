#include "harness/evidence/stats/trend_blocks.h"

#include <algorithm>

namespace walsoak::stats {

Blocks blocks_of(const Bins& bins, Side side, std::size_t most) {
  Blocks result;
  if (bins.empty()) return result;
  const std::vector<Bin>& all = bins.bins();
  // The last bin may have begun just now: half a bin has no trough to speak of.
  const std::size_t group = (all.size() + most - 1) / most;
  std::vector<Bin> blocks;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool begins = i % group == 0 && (i == 0 || 2 * (all.size() - i) >= group);
    const bool half_empty_tail = i + 1 == all.size() && i > 0 && 2 * all[i].samples < bins.width();
    if (begins && !half_empty_tail) {
      blocks.push_back(all[i]);
    } else {
      blocks.back().add(all[i]);
    }
  }

  std::vector<std::int64_t> counts;
  for (const Bin& block : blocks) counts.push_back(block.count);
  std::nth_element(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2),
                   counts.end());
  const std::int64_t typical = counts[counts.size() / 2];

  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const Bin& block = blocks[i];
    if (block.count == 0 || 2 * block.count < typical) {
      ++result.missing;
      continue;
    }
    const double middle = static_cast<double>(block.tick_first + block.tick_last) / 2;
    const std::int64_t value = side == Side::troughs ? *block.min : *block.max;
    result.points.push_back({static_cast<std::int64_t>(i), middle, static_cast<double>(value)});
  }
  result.ticks = blocks.back().tick_last - blocks.front().tick_first;
  return result;
}

}  // namespace walsoak::stats
