// A -wal that grows and grows although checkpoints are due: somebody reads from it all the time.
#include "harness/judgement/mechanism/checkpoint_starvation.h"

#include <fmt/format.h>

#include <optional>

#include "harness/judgement/mechanism/mechanisms.h"

namespace walsoak::judgement {
Judgement checkpoint_starvation(const facts::CellFacts& facts) {
  const facts::SampleSeries& series = facts.series();
  if (series.counted() < 3) return {Presence::unknown, "needs 3 quiet samples after warm-up"};
  const auto& settings = facts.settings();
  const std::int64_t due = settings.value("wal_autocheckpoint", std::int64_t{1000}) * kFrameBytes;
  std::optional<Judgement> open;
  for (const auto& [board, bins] : series.wal_bytes()) {
    const std::int64_t first = *bins.first().min, middle = *bins.middle().min, last = *bins.last().min;
    if (middle <= first || last <= middle || last <= due) continue;
    const std::string numbers =
        fmt::format("{}: -wal {}, {}, {} bytes at ticks {}, {}, {}", board, first, middle, last,
                    bins.first().tick_first, bins.middle().tick_first, bins.last().tick_last);
    if (facts.watched()) {
      open = {Presence::unknown, numbers + "; wal_autocheckpoint and page size are the process's own"};
    } else if (due == 0) {
      open = {Presence::unknown, numbers + "; wal_autocheckpoint is 0: none was due"};
    } else if (!settings.value("board_template", "").empty()) {
      open = {Presence::unknown, numbers + "; the template's page size is not recorded"};
    } else if (last < kStarvedMultiple * due) {
      open = {Presence::unknown, fmt::format("{}; a checkpoint is due at {}", numbers, due)};
    } else {
      return {Presence::yes, fmt::format("{}; a checkpoint is due at {}", numbers, due)};
    }
  }
  if (!open && series.wal_bytes().empty()) return {Presence::unknown, "no sample of a board"};
  return open.value_or(Judgement{Presence::no, {}});
}

}  // namespace walsoak::judgement
