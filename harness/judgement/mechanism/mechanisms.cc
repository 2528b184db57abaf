#include "harness/judgement/mechanism/mechanisms.h"
#include "harness/model/vocabulary/mechanisms.h"

#include <fmt/format.h>

#include <initializer_list>
#include <optional>
#include <string>

namespace walsoak::judgement {
namespace {

Judgement no() {
  return {Presence::no, {}};
}
Judgement unknown(std::string why) {
  return {Presence::unknown, std::move(why)};
}

// The descriptors that go with a connection: a -wal each, or where the journal is a rollback journal the main
// file.
Count descriptors_growth(const facts::SampleSeries& series) {
  const Count wal = series.growth(facts::Key::kernel_wal);
  return wal && *wal != 0 ? wal : series.growth(facts::Key::kernel_main_net);
}

// Over all boards: the first board that shows the trace, unknown where none does and some could not be told.
Judgement first_trace(const facts::BoardWatch& watch, facts::Trace facts::BoardTraces::*member) {
  if (watch.boards().empty()) return unknown("no quiet sample");
  bool gap = false;
  for (const auto& [board, traces] : watch.boards()) {
    const facts::Trace& trace = traces.*member;
    if (trace.first_tick) {
      return {Presence::yes,
              fmt::format("{}: first at tick {}: {}", board, *trace.first_tick, trace.numbers)};
    }
    gap = gap || trace.unknown;
  }
  return gap ? unknown("some sample lacks these numbers") : no();
}

// The same of a watched process, by what is established over its samples.
Judgement first_episode(const facts::DatabaseHistories& histories,
                        Presence (facts::DatabaseHistory::*settled)() const,
                        std::initializer_list<facts::Episode facts::DatabaseHistory::*> episodes) {
  if (histories.databases().empty()) return unknown("no database was seen");
  std::optional<Judgement> open;
  for (const auto& [name, database] : histories.databases()) {
    const Presence presence = (database.*settled)();
    if (presence == Presence::no) continue;
    std::string seen;
    for (const auto member : episodes) {
      const facts::Episode& episode = database.*member;
      if (seen.empty() && episode.samples > 0)
        seen = fmt::format("{}: first at sample {}: {}", name, episode.first_tick, episode.numbers);
    }
    if (presence == Presence::yes) return {Presence::yes, seen};
    if (!open)
      open = unknown(seen.empty() ? "no quiet sample shows these numbers" : seen + "; not established");
  }
  return open.value_or(no());
}

// Deleted sidecars beside a live main: whose rows differ is not seen from outside, that they are no longer
// the files at the path is.
Judgement watched_split(const facts::CellFacts& facts) {
  using History = facts::DatabaseHistory;
  return first_episode(facts.histories(), &History::split,
                       {&History::deleted_unlocked, &History::parted, &History::two_generations,
                        &History::deleted_unknown, &History::deleted_locked});
}

Judgement watched_lock_lost(const facts::CellFacts& facts) {
  using History = facts::DatabaseHistory;
  return first_episode(facts.histories(), &History::lock_lost,
                       {&History::unlocked, &History::deleted_unlocked, &History::unclear});
}

Judgement watched_replaced(const facts::CellFacts& facts) {
  using History = facts::DatabaseHistory;
  return first_episode(facts.histories(), &History::main_replaced, {&History::replaced, &History::shrunk});
}

}  // namespace

Judgement unclosed_connection(const facts::SampleSeries& series) {
  const Count api = series.growth(facts::Key::api_open);
  const Count descriptors = descriptors_growth(series);
  if (!api || !descriptors)
    return unknown("the growth of api_open and of the kernel's descriptors is not known");
  if (*api <= 0 || *descriptors <= 0) return no();
  return {Presence::yes, fmt::format("after warm-up: api_open +{}, kernel_main +{}, kernel_wal +{}", *api,
                                     text(series.growth(facts::Key::kernel_main)),
                                     text(series.growth(facts::Key::kernel_wal)))};
}

Judgement deferred_collection(const facts::SampleSeries& series) {
  if (series.phase().collector_every <= 1) return no();
  const Count between = series.api_open_between();
  const Count counted = series.api_open_counted();
  if (!between || !counted) return unknown("no sample right after a collection");
  if (*between <= *counted) return no();
  return {Presence::yes,
          fmt::format("{} connections open between two collections, {} after one (every {} ticks)", *between,
                      *counted, series.phase().collector_every)};
}

Judgement zombie_connection(const facts::SampleSeries& series) {
  const Count api = series.growth(facts::Key::api_open);
  const Count vfs = series.growth(facts::Key::vfs_main);
  const Count kernel = descriptors_growth(series);
  if (!api || !vfs || !kernel) return unknown("needs the API ledger, the VFS ledger and the kernel's");
  if (*vfs <= *api || *vfs <= 0 || *kernel <= *api) return no();
  return {Presence::yes, fmt::format("after warm-up: api_open {:+}, vfs_main {:+}, kernel_wal {:+}", *api,
                                     *vfs, series.growth(facts::Key::kernel_wal).value_or(0))};
}

Judgement parked_descriptors(const facts::SampleSeries& series) {
  if (series.empty()) return unknown("no quiet sample after warm-up");
  const facts::Counts& total = series.last().total;
  // kernel_main_net leaves out what may be parked within the bound, so the difference is just that.
  const Count parked = difference(total[facts::Key::kernel_main], total[facts::Key::kernel_main_net]);
  const Count parked_growth = series.growth(facts::Key::parked);
  if (!parked || !parked_growth)
    return unknown("neither the VFS ledger nor the API ledger says what is open");
  if (*parked <= 0) return no();
  // Without the VFS ledger nothing bounds them, so only those that do not grow are taken for parked.
  if (!total[facts::Key::vfs_main] && *parked_growth > 0) {
    return unknown(fmt::format("{} main descriptors more than open connections, {} of them since warm-up",
                               *parked, *parked_growth));
  }
  return {Presence::yes,
          fmt::format("kernel_main {} at tick {}, of which {} parked (open: {}); kernel_wal {}",
                      text(total[facts::Key::kernel_main]), series.last().tick, *parked,
                      text(difference(total[facts::Key::kernel_main], parked)),
                      text(total[facts::Key::kernel_wal]))};
}

Judgement lock_lost(const facts::BoardWatch& watch) {
  return first_trace(watch, &facts::BoardTraces::lock_lost);
}

Judgement replaced_board(const facts::BoardWatch& watch) {
  return first_trace(watch, &facts::BoardTraces::main_replaced);
}

Judgement split_generation(const facts::CellFacts& facts) {
  if (facts.watched()) return watched_split(facts);
  const Judgement deleted = first_trace(facts.watch(), &facts::BoardTraces::sidecar_deleted);
  if (deleted.presence != Presence::yes) return deleted;
  std::optional<Judgement> open;
  for (const auto& [board, traces] : facts.watch().boards()) {
    if (traces.sidecar_deleted.presence() != Presence::yes) continue;
    const facts::BoardView& inside = facts.data().view("inside", board);
    const facts::BoardView& outside = facts.data().view("outside", board);
    const std::string held = fmt::format("{}: from tick {}: {}", board, *traces.sidecar_deleted.first_tick,
                                         traces.sidecar_deleted.numbers);
    if (!inside.looked || !outside.looked || (!inside.readable && !outside.readable)) {
      open = unknown(held + "; the rows inside and outside could not both be looked at");
    } else if (inside.readable != outside.readable) {
      const facts::BoardView& broken = inside.readable ? outside : inside;
      return {Presence::yes, fmt::format("{}; {} cannot be read ({} {}), {} can", held,
                                         inside.readable ? "outside" : "inside", broken.code, broken.message,
                                         inside.readable ? "inside" : "outside")};
    } else if (inside.rows != outside.rows) {
      return {Presence::yes, fmt::format("{}; {} rows are seen inside alone, {} outside alone", held,
                                         facts::row_count(facts::missing_rows(inside.rows, outside.rows)),
                                         facts::row_count(facts::missing_rows(outside.rows, inside.rows)))};
    }
  }
  return open ? *open : no();
}

Judgement stale_checkpoint(const facts::CellFacts& facts) {
  std::optional<Judgement> open;
  for (const std::string& board : facts.data().boards()) {
    const facts::BoardView& outside = facts.data().view("outside", board);
    const facts::BoardView& final_copy = facts.data().view("final", board);
    if (outside.readable && final_copy.readable) {
      const facts::Rows lost = facts::missing_rows(outside.rows, final_copy.rows);
      if (!lost.empty()) {
        return {Presence::yes,
                fmt::format("{}: {} rows seen outside at the end are not in the final copy ({})", board,
                            facts::row_count(lost), facts::rows_text(lost))};
      }
    }
    const auto traces = facts.watch().boards().find(board);
    const Presence split = traces == facts.watch().boards().end() ? Presence::unknown
                                                                  : traces->second.sidecar_deleted.presence();
    const Judgement sound = facts.data().sound(board);
    if (split == Presence::yes && sound.presence == Presence::no) {
      return {Presence::yes,
              fmt::format("{} after {}", sound.evidence, traces->second.sidecar_deleted.numbers)};
    }
    if (sound.presence == Presence::unknown) open = unknown(sound.evidence);
    if (split == Presence::unknown && sound.presence == Presence::no) {
      open = unknown(board + ": not sound, and whether deleted sidecars were held is not known");
    }
  }
  return open ? *open : no();
}

Judgement descriptor_exhaustion(const facts::CellFacts& facts) {
  constexpr std::int64_t kCantOpen = 14;  // SQLITE_CANTOPEN
  const facts::ErrorTable& errors = facts.steps().errors();
  const std::int64_t cannot_open = errors.with_primary_code(kCantOpen);
  const std::int64_t emfile = errors.with_app("EMFILE");
  if (cannot_open + emfile == 0 && !facts.watched()) return no();
  const std::optional<facts::SampleSeries::Room>& least = facts.series().least_room();
  if (facts.watched() && least && least->exhausted()) {
    return unknown(fmt::format("{} of {} descriptors; whether opens failed is not seen from outside",
                               least->descriptors, least->limit));
  }
  if (!least) {
    return unknown(facts.watched() ? "the process's descriptors are not known at every sample"
                                   : "errors of exhaustion, but the process's descriptors are not known");
  }
  if (!least->exhausted()) return no();
  return {Presence::yes, fmt::format("{} of {} descriptors; {} times SQLITE_CANTOPEN, {} times EMFILE",
                                     least->descriptors, least->limit, cannot_open, emfile)};
}

Judgement sidecar_churn(const facts::CellFacts& facts) {
  const Count closes = facts.last_closes_growth();
  const Count open = facts.series().growth(facts::Key::api_open);
  if (!closes || !open) return unknown("last closes or open connections are not known");
  if (*closes <= 0 || *open != 0) return no();
  return {Presence::yes,
          fmt::format("after warm-up: {} last closes in scope, {} connections opened and {} closed", *closes,
                      text(facts.series().growth(facts::Key::api_opened)),
                      text(facts.series().growth(facts::Key::api_closed)))};
}

namespace {

using Facts = facts::CellFacts;

// One row a mechanism, in the order of a summary. A rule that reads more than the kernel's counts names the
// rest: of a watched process there is no more, so that its answer is unknown.
struct Rule {
  const char* name;
  const char* needs;  // null: the kernel's counts are enough, or the rule sees to it
  Judgement (*judge)(const Facts& facts);
};
constexpr Rule kRules[] = {
    {kUnclosedConnection, nullptr, [](const Facts& facts) { return unclosed_connection(facts.series()); }},
    {kDeferredCollection, "the API ledger",
     [](const Facts& facts) { return deferred_collection(facts.series()); }},
    {kZombieConnection, nullptr, [](const Facts& facts) { return zombie_connection(facts.series()); }},
    {kParkedDescriptors, nullptr, [](const Facts& facts) { return parked_descriptors(facts.series()); }},
    {kConnectionPerThread, nullptr, connection_per_thread},
    {kLockLost, nullptr,
     [](const Facts& facts) {
       return facts.watched() ? watched_lock_lost(facts) : lock_lost(facts.watch());
     }},
    {kSplitGeneration, nullptr, split_generation},
    {kStaleCheckpoint, "the rows", stale_checkpoint},
    {kCheckpointStarvation, nullptr, checkpoint_starvation},
    {kDescriptorExhaustion, nullptr, descriptor_exhaustion},
    {kReplacedBoard, nullptr,
     [](const Facts& facts) {
       return facts.watched() ? watched_replaced(facts) : replaced_board(facts.watch());
     }},
    {kSidecarChurn, nullptr, sidecar_churn},
};

}  // namespace

std::vector<Mechanism> mechanisms_of(const facts::CellFacts& facts) {
  std::vector<Mechanism> all;
  for (const Rule& rule : kRules) {
    Judgement judgement = rule.needs != nullptr && facts.watched()
                              ? unknown(fmt::format("needs {}", rule.needs))
                              : rule.judge(facts);
    all.push_back({rule.name, judgement.presence, std::move(judgement.evidence)});
  }
  return all;
}

}  // namespace walsoak::judgement
