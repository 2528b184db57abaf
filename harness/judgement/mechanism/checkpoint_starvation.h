// When a checkpoint is due, and how far beyond that a growing -wal tells of checkpoint starvation.
#pragma once

#include <cstdint>

namespace walsoak::judgement {

// A page of SQLite's default size and the header of its frame, in bytes.
inline constexpr std::int64_t kFrameBytes = 4096 + 24;
// SQLite's default wal_autocheckpoint, in bytes of the -wal.
inline constexpr std::int64_t kDefaultDueBytes = 1000 * kFrameBytes;
// A healthy -wal ends a transaction or two beyond the checkpoint that is due; no transaction of a board
// explains four times as much.
inline constexpr std::int64_t kStarvedMultiple = 4;

}  // namespace walsoak::judgement
