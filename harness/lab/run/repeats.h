// The order in which the cells of a run are carried out where they are repeated: in blocks, each cell once a
// block, shuffled anew in each, so that a machine that warms up or fills up touches all cells alike. Pure
// functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace walsoak::lab {

struct Turn {
  std::size_t point = 0;    // index of the cell
  std::int64_t repeat = 1;  // 1, 2, ...
  bool operator==(const Turn&) const = default;
};

// `times` says for each point how often it is carried out (at least once). Where none is repeated the order
// is theirs, whatever the seed.
std::vector<Turn> interleaved(const std::vector<std::int64_t>& times, std::uint64_t seed);

// "c01", "c01r2", "c01r3": the first keeps the name that it has without repeats.
std::string repeat_name(const std::string& point, std::int64_t repeat);

}  // namespace walsoak::lab
