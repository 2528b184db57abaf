// How many of the acknowledged rows can be seen while a cell runs: a line of type `rows`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/protocol/message.h"

namespace walsoak::lab {

// The line after `tick`. Each of the others is the `boards` member of that check (docs/protocol.md). Of a
// board `acknowledged` counts the rows, `inside` and `outside` those of them that this look found; null where
// it could not look. Rows that a fault took away are missing like any others. Throws std::invalid_argument
// where rows are no ranges.
protocol::Message rows_line(std::int64_t tick, const std::vector<std::string>& boards,
                            const protocol::Message& acknowledged, const protocol::Message& inside,
                            const protocol::Message& outside);

}  // namespace walsoak::lab
