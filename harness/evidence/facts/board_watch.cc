#include "harness/evidence/facts/board_watch.h"

#include "harness/evidence/facts/board_state.h"

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
    const BoardState state = board_state(board);
    note(traces.lock_lost, sample.tick, state.lock_lost);
    note(traces.sidecar_deleted, sample.tick, state.sidecar_deleted);
    note(traces.main_replaced, sample.tick, state.main_replaced);
  }
}

}  // namespace walsoak::facts
