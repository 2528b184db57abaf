#include "harness/evidence/facts/board_watch.h"

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

}  // namespace

void BoardWatch::accept(const Sample& sample) {
  if (!sample.quiet) return;
  for (const auto& [name, board] : sample.boards) {
    BoardTraces& traces = boards_[name];
    BoardPast& past = past_[name];
    const BoardState state = board_state(board, past);
    past.note(board);
    note(traces.lock_lost, sample.tick, state.lock_lost);
    note(traces.sidecar_deleted, sample.tick, state.sidecar_deleted);
    note(traces.main_replaced, sample.tick, state.main_replaced);
    note(traces.main_shrunk, sample.tick, state.main_shrunk);
    if (state.sidecar_deleted.presence == Presence::yes) {
      if (state.locked == Presence::yes) note(traces.deleted_locked, sample.tick, state.sidecar_deleted);
      if (state.locked == Presence::no) note(traces.deleted_unlocked, sample.tick, state.sidecar_deleted);
    }
  }
}

}  // namespace walsoak::facts
