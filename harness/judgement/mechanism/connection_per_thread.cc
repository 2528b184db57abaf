// Connections that a strategy keeps for each thread: a step to threads x boards, then flat; or growth, where
// threads die and leave theirs behind.
#include <fmt/format.h>

#include <algorithm>

#include "harness/judgement/mechanism/mechanisms.h"

namespace walsoak::judgement {
namespace {

constexpr const char* kOpenUnknown = "the connections that are open, or the process's threads, are not known";

// What the dispatcher's strategy may have open on each board at the last sample: all but the connection that
// the setting held_connection keeps.
struct PerBoard {
  Count least, most;

  PerBoard(const facts::SampleSeries& series, bool one_is_held) {
    for (const auto& [name, counts] : series.last().boards) {
      const Count open = difference(counts[facts::Key::api_open], one_is_held ? 1 : 0);
      if (!open) {
        least = most = std::nullopt;
        return;
      }
      least = std::min(least.value_or(*open), *open);
      most = std::max(most.value_or(*open), *open);
    }
  }
};

}  // namespace

Judgement connection_per_thread(const facts::CellFacts& facts) {
  const auto& declared = facts.strategy();
  if (!declared.value("holds_connections", true) || declared.value("affinity", "") == "serialized" ||
      declared.value("executor", "") == "dedicated") {
    return {Presence::no, {}};  // nothing is kept, or all threads share it, or there is one thread
  }
  const facts::SampleSeries& series = facts.series();
  const auto& settings = facts.settings();
  if (series.counted() < 3) return {Presence::unknown, "needs 3 quiet samples after warm-up"};
  const PerBoard open(series, settings.value("held_connection", "off") == "on");
  const Count threads = series.last_value(facts::ProcessKey::threads);
  const stats::Bins& bins = series.bins(facts::Key::api_open);
  const Count last_half = difference(bins.last().min, bins.middle().min);
  if (!open.most || !last_half || !threads) return {Presence::unknown, kOpenUnknown};
  if (*open.most <= 1) return {Presence::no, {}};
  const std::string numbers =
      fmt::format("{} to {} connections a board ({} boards) at tick {}, {} threads", *open.least, *open.most,
                  series.last().boards.size(), series.last().tick, *threads);
  if (!declared.contains("holds_connections")) {
    return {Presence::unknown, numbers + "; whose they are was not declared"};
  }
  const bool threads_die = settings.value("pool_thread_life", std::int64_t{0}) > 0;
  if (*last_half <= 0) {
    if (*open.most > *threads && !threads_die) {
      return {Presence::unknown, numbers + "; flat, but more than one a thread"};
    }
    return {Presence::yes, numbers + "; none more in the last half"};
  }
  // Growth alone looks like any unclosed connection: it is the threads' where they die, and where nothing
  // else in the cell leaves a connection open.
  const bool others_leak = settings.value("auto_decompose", "closed") == "unclosed" &&
                           settings.value("collector", "every-n") != "every-n";
  if (!threads_die || others_leak) {
    return {Presence::unknown,
            fmt::format("{}; {} of them in the last half: a step that is not over, or a leak beside it",
                        numbers, *last_half)};
  }
  return {Presence::yes, fmt::format("{}; {} more in the last half: threads die and leave theirs open",
                                     numbers, *last_half)};
}

}  // namespace walsoak::judgement
