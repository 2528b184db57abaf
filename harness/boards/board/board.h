// A Kanban board: one SQLite file, marked as walsoak's by its application_id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace walsoak::board {

inline constexpr std::int32_t kApplicationId = 0x77736f6b;  // "wsok"

struct Board {
  std::string name;   // "b01"
  std::string path;   // absolute, links resolved
  std::size_t index;  // position in the cell's list, from 0
};

}  // namespace walsoak::board
