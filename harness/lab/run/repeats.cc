#include "harness/lab/run/repeats.h"

#include <algorithm>

#include "harness/base/shared/seeded.h"

namespace walsoak::lab {

std::vector<Turn> interleaved(const std::vector<std::int64_t>& times, std::uint64_t seed) {
  Seeded draws(seed, "repeats");
  const std::int64_t blocks = times.empty() ? 0 : *std::max_element(times.begin(), times.end());
  std::vector<Turn> order;
  for (std::int64_t block = 1; block <= blocks; ++block) {
    std::vector<Turn> turns;
    for (std::size_t point = 0; point < times.size(); ++point) {
      if (times[point] >= block) turns.push_back({point, block});
    }
    if (blocks > 1) draws.shuffle(turns);
    order.insert(order.end(), turns.begin(), turns.end());
  }
  return order;
}

std::string repeat_name(const std::string& point, std::int64_t repeat) {
  return repeat == 1 ? point : point + "r" + std::to_string(repeat);
}

}  // namespace walsoak::lab
