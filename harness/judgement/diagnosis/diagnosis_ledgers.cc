// A cell of walsoak's own: the judgements of mechanisms_of, with what rules out those that were not seen, and
// what the ledgers that are there exclude where another is missing.
#include <fmt/format.h>

#include <algorithm>

#include "harness/judgement/diagnosis/diagnosis_parts.h"
#include "harness/judgement/finding/growth.h"
#include "harness/judgement/mechanism/mechanisms.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

std::string signed_text(Count count) {
  return count ? fmt::format("{:+}", *count) : "unknown";
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Ledgers {
 public:
  explicit Ledgers(const facts::ProcessHistory& evidence, Parts& parts)
      : facts_(evidence.cell()), series_(facts_.series()), parts_(parts) {}

  void look() {
    for (const Mechanism& mechanism : mechanisms_of(facts_)) {
      switch (mechanism.presence) {
        case Presence::yes:
          ask(mechanism);
          break;
        case Presence::no:
          if (!tell_of_main(mechanism.name)) parts_.rule_out(mechanism.name, why_not(mechanism.name));
          break;
        case Presence::unknown:
          if (mechanism.name == kZombieConnection && tell_zombie()) break;
          parts_.cannot_tell(mechanism.name, mechanism.evidence);
      }
    }
    ask_about_removed();
    ask_about_unexplained();
  }

 private:
  // Deleted sidecars beside a live main whose lock was held at every quiet sample: SQLite did not unlink
  // them.
  void ask_about_removed() {
    for (const auto& [board, traces] : facts_.watch().boards()) {
      if (!traces.deleted_locked.first_tick || traces.deleted_unlocked.first_tick ||
          traces.lock_lost.presence() != Presence::no)
        continue;
      return parts_.ask(
          kSidecarsRemoved,
          {{kSidecarsRemoved,
            fmt::format("{}: from tick {} on: {}; the lock on the main file was held at every quiet sample",
                        board, *traces.deleted_locked.first_tick, traces.deleted_locked.numbers),
            true}});
    }
  }

  // A main file that became shorter in place is the one at its path, and may be another database.
  bool tell_of_main(const std::string& name) {
    if (name != kReplacedBoard) return false;
    for (const auto& [board, traces] : facts_.watch().boards()) {
      if (!traces.main_shrunk.first_tick) continue;
      parts_.cannot_tell(name,
                         board + ": the file at the path is the one that is held, and it became shorter");
      parts_.ask("the main file became shorter while its -wal was held",
                 {{kOverwrittenMain, fmt::format("{}: at tick {}: {}", board, *traces.main_shrunk.first_tick,
                                                 traces.main_shrunk.numbers)}});
      return true;
    }
    return false;
  }

  std::string growth(facts::Key key) const {
    return fmt::format("{} {}", facts::kKeyNames[static_cast<std::size_t>(key)],
                       signed_text(series_.growth(key)));
  }

  void ask(const Mechanism& mechanism) {
    const bool bounded = is_one_of(mechanism.name, {kSidecarChurn, kParkedDescriptors}) ||
                         (mechanism.name == kConnectionPerThread && leak_.presence != Presence::yes);
    parts_.ask(mechanism.name, {{mechanism.name, mechanism.evidence, true}}, bounded);
    explained_ = explained_ || is_one_of(mechanism.name, {kUnclosedConnection, kZombieConnection,
                                                          kDeferredCollection, kConnectionPerThread});
  }

  // Without the VFS ledger: what the program has closed and the kernel still has on a -wal is SQLite's.
  bool tell_zombie() {
    const Count api = series_.growth(facts::Key::api_open), wal = series_.growth(facts::Key::kernel_wal);
    if (!api || !wal) return false;
    const std::string numbers =
        fmt::format("after warm-up: {}, {}", growth(facts::Key::api_open), growth(facts::Key::kernel_wal));
    if (*wal > 0 && *api <= 0) {
      ask({kZombieConnection, Presence::yes,
           numbers + ": closed by the program, and still held on the -wal, which nothing but SQLite opens"});
    } else {
      parts_.rule_out(kZombieConnection, numbers + ": no more -wal descriptors than open connections");
    }
    return true;
  }

  void ask_about_unexplained() {
    if (leak_.presence != Presence::yes || explained_) return;
    std::vector<Candidate> candidates;
    for (const Line& line : parts_.not_told) {
      if (is_one_of(line.name, {kUnclosedConnection, kZombieConnection, kConnectionPerThread,
                                kDeferredCollection, kParkedDescriptors}))
        candidates.push_back({line.name, line.text});
    }
    if (!candidates.empty()) parts_.ask("descriptors grow: " + leak_.evidence, std::move(candidates));
  }

  std::string why_not(const std::string& name) const {
    if (name == kUnclosedConnection) {
      return fmt::format("after warm-up: {}, {}", growth(facts::Key::api_open),
                         growth(facts::Key::kernel_wal));
    }
    if (name == kDeferredCollection) {
      if (series_.phase().collector_every <= 1)
        return "no collection is put off: one at each tick, or none at all";
      return fmt::format("{} connections open between two collections, {} after one",
                         text(series_.api_open_between()), text(series_.api_open_counted()));
    }
    if (name == kZombieConnection) {
      return fmt::format("after warm-up: {}, {}, {}", growth(facts::Key::api_open),
                         growth(facts::Key::vfs_main), growth(facts::Key::kernel_wal));
    }
    if (name == kParkedDescriptors) {
      return fmt::format("kernel_main {} at the last sample, none beyond the connections that are open",
                         text(series_.last_value(facts::Key::kernel_main)));
    }
    if (name == kConnectionPerThread) {
      return fmt::format(
          "the strategy keeps none for each of several threads: {} connections open at the last sample",
          text(series_.last_value(facts::Key::api_open)));
    }
    if (name == kLockLost) return "a lock on the main file wherever a -wal was held at a quiet sample";
    if (name == kSplitGeneration)
      return removed_ ? "deleted sidecars were held while the lock was: SQLite did not unlink them"
                      : "no deleted -wal or -shm beside a live main, or the same rows on both sides";
    if (name == kStaleCheckpoint)
      return "the rows seen outside at the end are in the final copy, and it is sound";
    if (name == kCheckpointStarvation) {
      return fmt::format("-wal files of {} bytes together at most, and none that grows well past what is due",
                         text(series_.peak(facts::Key::wal_bytes)));
    }
    if (name == kDescriptorExhaustion) {
      return fmt::format("no open failed for want of a descriptor: {} at most, limit {}",
                         text(series_.peak(facts::ProcessKey::descriptors)),
                         text(series_.last_value(facts::ProcessKey::descriptor_limit)));
    }
    if (name == kReplacedBoard) return "every main descriptor is the file at its path at every quiet sample";
    if (name == kSidecarChurn) {
      return fmt::format("{} last closes in scope after warm-up, {}", text(facts_.last_closes_growth()),
                         growth(facts::Key::api_open));
    }
    return "not seen";
  }

  const facts::CellFacts& facts_;
  const facts::SampleSeries& series_;
  Parts& parts_;
  Judgement leak_ = Growth(facts_.series()).leak();
  bool explained_ = false;
  const bool removed_ =
      std::any_of(facts_.watch().boards().begin(), facts_.watch().boards().end(), [](const auto& named) {
        return named.second.deleted_locked.first_tick && !named.second.deleted_unlocked.first_tick;
      });
};

}  // namespace

void look_at_ledgers(const facts::ProcessHistory& evidence, Parts& parts) {
  Ledgers(evidence, parts).look();
}

}  // namespace walsoak::judgement
