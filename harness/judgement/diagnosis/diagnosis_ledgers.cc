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
          parts_.rule_out(mechanism.name, why_not(mechanism.name));
          break;
        case Presence::unknown:
          if (mechanism.name == kZombieConnection && tell_zombie()) break;
          parts_.cannot_tell(mechanism.name, mechanism.evidence);
      }
    }
    ask_about_unexplained();
  }

 private:
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
      return "no deleted -wal or -shm beside a live main, or the same rows on both sides";
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
};

}  // namespace

void look_at_ledgers(const facts::ProcessHistory& evidence, Parts& parts) {
  Ledgers(evidence, parts).look();
}

}  // namespace walsoak::judgement
