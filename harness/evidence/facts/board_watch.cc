#include "harness/evidence/facts/board_watch.h"

#include <fmt/format.h>

namespace walsoak::facts {
namespace {

void note(Trace& trace, std::int64_t tick, const Judgement& seen) {
  if (trace.first_tick) return;
  if (seen.presence == Presence::unknown) trace.unknown = true;
  if (seen.presence == Presence::yes) {
    trace.first_tick = tick;
    trace.numbers = seen.evidence;
  }
}

Judgement lock_lost(const Counts& board) {
  const Count wal = board[Key::kernel_wal];
  const Count posix = board[Key::lock_main_posix];
  const Count ofd = board[Key::lock_main_ofd];
  if (!wal) return {};
  if (*wal == 0) return {Presence::no, {}};
  if (!posix || !ofd) return {};
  if (*posix > 0 || *ofd > 0) return {Presence::no, {}};
  return {Presence::yes, fmt::format("{} -wal held, 0 locks on the main file", *wal)};
}

Judgement sidecar_deleted(const Counts& board) {
  const Count wal = board[Key::kernel_wal_deleted];
  const Count shm = board[Key::kernel_shm_deleted];
  const Count live = difference(board[Key::kernel_main],
                                sum(board[Key::kernel_main_deleted], board[Key::kernel_main_replaced]));
  if (!wal || !shm || !live) return {};
  if (*wal + *shm == 0 || *live <= 0) return {Presence::no, {}};
  return {Presence::yes,
          fmt::format("{} -wal (deleted) and {} -shm (deleted) held beside {} live main", *wal, *shm, *live)};
}

Judgement main_replaced(const Counts& board) {
  const Count deleted = board[Key::kernel_main_deleted];
  const Count replaced = board[Key::kernel_main_replaced];
  if (!deleted || !replaced) return {};
  if (*deleted == 0 && *replaced == 0) return {Presence::no, {}};
  return {Presence::yes,
          fmt::format("{} main descriptors on a deleted file, {} on another inode than the path", *deleted,
                      *replaced)};
}

}  // namespace

void BoardWatch::accept(const Sample& sample) {
  if (!sample.quiet) return;
  for (const auto& [name, board] : sample.boards) {
    BoardTraces& traces = boards_[name];
    note(traces.lock_lost, sample.tick, lock_lost(board));
    note(traces.sidecar_deleted, sample.tick, sidecar_deleted(board));
    note(traces.main_replaced, sample.tick, main_replaced(board));
  }
}

}  // namespace walsoak::facts
