// Locks, deleted and replaced files, the size of the -wal and the room that is left: from quiet samples of
// the kernel's ledger.
#include <fmt/format.h>

#include <algorithm>

#include "harness/judgement/diagnosis/diagnosis_parts.h"
#include "harness/judgement/mechanism/checkpoint_starvation.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

// Locks lapse for a moment while a connection is opened or closed.
constexpr std::int64_t kLeastLapseUs = 1000000;

std::string bytes_text(std::int64_t bytes) {
  return bytes < 1000000 ? fmt::format("{} bytes", bytes)
                         : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

class Files {
 public:
  Files(const facts::ProcessHistory& evidence, Parts& parts) : evidence_(evidence), parts_(parts) {
    for (const std::string& name : by_number(evidence.databases())) {
      names_.push_back(name);
      quiet_ = std::max(quiet_, evidence.databases().at(name).quiet_samples);
    }
  }

  void look() {
    look_for_split();
    look_for_lock();
    look_for_index_lock();
    look_for_replacement();
    look_at_room();
    look_at_wal();
    look_for_churn();
    look_for_copies();
  }

 private:
  using Databases = std::vector<std::string>;

  const facts::DatabaseHistory& database(const std::string& name) const {
    return evidence_.databases().at(name);
  }

  template <typename Holds>
  Databases where(Holds holds) const {
    Databases found;
    for (const std::string& name : names_) {
      if (holds(database(name))) found.push_back(name);
    }
    return found;
  }

  std::string numbers(const Databases& found, facts::Episode facts::DatabaseHistory::*spell) const {
    std::vector<std::string> lines;
    for (const std::string& name : found) {
      const facts::Episode& seen = database(name).*spell;
      lines.push_back(fmt::format("{}: {}, from sample {} on, in {} of {} quiet samples{}", name,
                                  seen.numbers, seen.first_tick, seen.samples, database(name).quiet_samples,
                                  seen.now ? "" : ", no longer at the last"));
    }
    return lines_text(lines);
  }

  // Whether a state was there for more than a moment; one sample is all that a listing has.
  bool lasted(const facts::Episode& spell) const {
    return spell.samples >= 2 || (spell.samples == 1 && evidence_.samples() == 1);
  }

  // Of mechanisms that quiet samples tell; `hidden` where these lack what would show it.
  void not_seen(const char* name, const std::string& text, bool hidden = false) {
    if (names_.empty()) {
      parts_.cannot_tell(name, "no database was seen");
    } else if (quiet_ == 0) {
      parts_.cannot_tell(name, "no quiet sample: the process's descriptors changed at every look");
    } else if (hidden) {
      parts_.cannot_tell(name, "deleted and moved files are not all shown by what was listed");
    } else {
      parts_.rule_out(name, text);
    }
  }

  std::string quiet_text() const {
    return fmt::format("{} quiet {}", quiet_, quiet_ == 1 ? "sample" : "samples");
  }

  void look_for_split() {
    const Databases split =
        where([](const facts::DatabaseHistory& d) { return d.deleted_unlocked.samples > 0; });
    const Databases removed = where([&](const facts::DatabaseHistory& d) {
      return d.deleted_unlocked.samples == 0 && lasted(d.deleted_locked);
    });
    const Databases unknown = where([](const facts::DatabaseHistory& d) {
      return d.deleted_unlocked.samples + d.deleted_locked.samples == 0 && d.deleted_unknown.samples > 0;
    });
    if (!split.empty()) {
      parts_.ask(fmt::format("deleted sidecars are held on {} beside the live main, and the lock is gone",
                             names_text(split)),
                 {{kSplitGeneration, numbers(split, &facts::DatabaseHistory::deleted_unlocked), true}});
    }
    if (!removed.empty()) {
      parts_.ask(fmt::format("deleted sidecars are held on {} while the lock is", names_text(removed)),
                 {{kSidecarsRemoved, numbers(removed, &facts::DatabaseHistory::deleted_locked), true}});
    }
    if (!unknown.empty()) {
      parts_.locks_missing = true;
      const std::string held = numbers(unknown, &facts::DatabaseHistory::deleted_unknown);
      const bool shown = where([](const facts::DatabaseHistory& d) { return d.main_not_shown; }).empty();
      parts_.ask(fmt::format("deleted sidecars are held on {}{}", names_text(unknown),
                             shown ? " beside the live main" : ", whose main is not shown"),
                 {{kSplitGeneration, held + (shown ? "; if the lock is gone, too"
                                                   : "; if the main is held, and its lock is gone")},
                  {kSidecarsRemoved, "if the lock is still held: somebody else removed them"}});
    }
    if (split.empty() && unknown.empty() && !removed.empty()) {
      parts_.rule_out(kSplitGeneration, "SQLite unlinks no sidecar of a process that holds its lock: " +
                                            numbers(removed, &facts::DatabaseHistory::deleted_locked));
    }
    if (!split.empty() || !removed.empty() || !unknown.empty()) {
      parts_.cannot_tell(kStaleCheckpoint,
                         "needs the rows: it comes when a connection that holds a deleted -wal is closed or "
                         "checkpoints");
    } else {
      const std::string none = "no deleted -wal or -shm beside a live main in " + quiet_text();
      const bool hidden = !where([](const facts::DatabaseHistory& d) { return d.deleted_not_shown; }).empty();
      not_seen(kSplitGeneration, none, hidden);
      not_seen(kStaleCheckpoint, "it follows a split generation, and there was none: " + none, hidden);
    }
  }

  void look_for_lock() {
    const Databases lost = where([](const facts::DatabaseHistory& d) {
      return d.unlocked.longest_us >= kLeastLapseUs || d.deleted_unlocked.samples > 0;
    });
    const Databases once = where([](const facts::DatabaseHistory& d) {
      return d.deleted_unlocked.samples == 0 && d.unlocked.now && d.unlocked.longest_us < kLeastLapseUs;
    });
    const bool unknown = !where([](const facts::DatabaseHistory& d) { return d.locks_unknown; }).empty();
    parts_.locks_missing = parts_.locks_missing || unknown;
    if (!lost.empty()) {
      const Databases unguarded = where([](const facts::DatabaseHistory& d) { return d.unguarded.now; });
      parts_.ask(
          fmt::format("a -wal is held without a lock on {}", names_text(lost)),
          {{kLockLost,
            numbers(lost, &facts::DatabaseHistory::unlocked) +
                (unguarded.empty() ? ""
                                   : "; nor a lock on the -shm: SQLite 3.51.0 and later would not spare "
                                     "them either"),
            true}});
    } else if (!once.empty()) {
      parts_.more_samples = true;
      parts_.ask(fmt::format("a -wal is held without a lock on {}, for less than a second as far as was seen",
                             names_text(once)),
                 {{kLockLost,
                   numbers(once, &facts::DatabaseHistory::unlocked) +
                       "; locks lapse for a moment at opens and closes: two samples a second apart tell"}});
    } else if (unknown) {
      parts_.cannot_tell(kLockLost, "the process's locks could not be read");
    } else {
      const bool held = !where([](const facts::DatabaseHistory& d) { return d.locked > 0; }).empty();
      not_seen(kLockLost, held ? "a lock on the main file wherever a -wal is held, in " + quiet_text()
                               : "no -wal is held at any of " + quiet_text());
    }
  }

  // The main's lock is held, the -shm's is not: SQLite takes and drops both together.
  void look_for_index_lock() {
    const Databases lost =
        where([](const facts::DatabaseHistory& d) { return d.index_unlocked.longest_us >= kLeastLapseUs; });
    if (lost.empty()) return;
    parts_.ask(fmt::format("a -shm is held without its lock on {}", names_text(lost)),
               {{kIndexLockLost, numbers(lost, &facts::DatabaseHistory::index_unlocked), true}});
  }

  void look_for_replacement() {
    const Databases replaced =
        where([&](const facts::DatabaseHistory& d) { return lasted(d.replaced) || d.replaced.now; });
    if (replaced.empty()) {
      return not_seen(kReplacedBoard, "every main descriptor is the file at its path in " + quiet_text(),
                      !where([](const facts::DatabaseHistory& d) { return d.replaced_not_shown; }).empty());
    }
    const Databases gone =
        where([](const facts::DatabaseHistory& d) { return d.replaced.samples > 0 && d.nothing_at_path; });
    std::string held = numbers(replaced, &facts::DatabaseHistory::replaced);
    if (!gone.empty()) held += fmt::format("; no file stands at the path of {}", names_text(gone));
    parts_.ask(fmt::format("the main file of {} is not the one at its path", names_text(replaced)),
               {{kReplacedBoard, held, true}});
  }

  void look_at_room() {
    const auto& least = evidence_.cell().series().least_room();
    if (!least)
      return parts_.cannot_tell(kDescriptorExhaustion, "the limit or the count of descriptors is not known");
    const std::string room = fmt::format("{} of {} descriptors at most", least->descriptors, least->limit);
    if (!least->exhausted()) return parts_.rule_out(kDescriptorExhaustion, room);
    parts_.ask(fmt::format("{} free descriptors", least->free()),
               {{kDescriptorExhaustion, room + "; whether opens failed is not seen from outside", true}});
  }

  void look_at_wal() {
    Databases starved, doubtful;
    std::vector<std::string> lines;
    std::int64_t most = 0;
    for (const auto& [name, bins] : evidence_.cell().series().wal_bytes()) {
      const std::vector<stats::Bin>& all = bins.bins();
      const std::int64_t first = *all.front().min, last = *bins.last().min;
      const std::int64_t middle = *bins.middle().min;
      for (const stats::Bin& bin : all) most = std::max(most, *bin.max);
      const bool grows = evidence_.samples() >= 3 && middle > first && last > middle;
      const bool big = evidence_.samples() < 3 && last > 10 * kDefaultDueBytes;
      if (!big && (!grows || last <= kDefaultDueBytes)) continue;
      (grows && last >= kStarvedMultiple * kDefaultDueBytes ? starved : doubtful).push_back(name);
      lines.push_back(grows ? fmt::format("{}: -wal {}, {}, {}", name, bytes_text(first), bytes_text(middle),
                                          bytes_text(last))
                            : fmt::format("{}: -wal {}", name, bytes_text(last)));
    }
    const std::string due =
        fmt::format("; by default a checkpoint is due at {}", bytes_text(kDefaultDueBytes));
    if (!starved.empty()) {
      parts_.ask(fmt::format("the -wal of {} grows", names_text(starved)),
                 {{kCheckpointStarvation, lines_text(lines) + due, true}});
    } else if (!doubtful.empty()) {
      parts_.more_samples = true;
      parts_.ask(
          fmt::format("the -wal of {} is large", names_text(doubtful)),
          {{kCheckpointStarvation, lines_text(lines) + due +
                                       "; one large transaction, larger pages or another wal_autocheckpoint "
                                       "explain it as well"}});
    } else if (names_.empty() || evidence_.samples() < 3) {
      parts_.cannot_tell(kCheckpointStarvation,
                         names_.empty() ? "no database was seen" : "growth of a -wal takes 3 samples");
    } else {
      parts_.rule_out(
          kCheckpointStarvation,
          fmt::format("no -wal grows beyond where a checkpoint is due: {} at most{}", bytes_text(most), due));
    }
  }

  void look_for_churn() {
    if (names_.empty() || evidence_.samples() < 3) {
      return parts_.cannot_tell(kSidecarChurn,
                                names_.empty() ? "no database was seen" : "it takes 3 samples");
    }
    const facts::WatchedFacts& watched = evidence_.cell().watched_facts();
    const std::int64_t turnover = watched.wal_turnover();
    if (!watched.churns()) {
      return parts_.rule_out(
          kSidecarChurn, fmt::format("a -wal was gone or another one at the next sample {} times", turnover));
    }
    Databases found;
    for (const std::string& name : names_) {
      if (watched.databases().at(name).turnover > 0) found.push_back(name);
    }
    parts_.ask(
        fmt::format("the -wal of {} comes and goes", names_text(found)),
        {{kSidecarChurn,
          fmt::format(
              "a -wal was gone or another one at the next sample {} times in {}, after a last close of "
              "this process or another",
              turnover, extent_text(evidence_)),
          true}},
        true);
  }

  void look_for_copies() {
    const Databases twice =
        where([&](const facts::DatabaseHistory& d) { return d.two_indexes.samples >= 2; });
    const Databases once = where([](const facts::DatabaseHistory& d) { return d.two_indexes.now; });
    if (twice.empty() && !once.empty()) {
      parts_.more_samples = true;
      parts_.ask(fmt::format("two -shm descriptors on {} at one sample", names_text(once)),
                 {{kSecondCopy, numbers(once, &facts::DatabaseHistory::two_indexes) +
                                    "; names alone count a -shm twice that is mapped, too"}});
    }
    if (twice.empty()) return;
    parts_.ask(fmt::format("two -shm descriptors on {}", names_text(twice)),
               {{kSecondCopy, numbers(twice, &facts::DatabaseHistory::two_indexes), true}});
  }

  const facts::ProcessHistory& evidence_;
  Parts& parts_;
  Databases names_;
  std::int64_t quiet_ = 0;
};

}  // namespace

void look_at_files(const facts::ProcessHistory& evidence, Parts& parts) {
  Files(evidence, parts).look();
}

}  // namespace walsoak::judgement
