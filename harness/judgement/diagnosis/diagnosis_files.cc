// Locks, deleted and replaced files, the size of the -wal and the room that is left: from quiet samples of
// the kernel's ledger.
#include <fmt/format.h>

#include <algorithm>

#include "harness/judgement/diagnosis/diagnosis_parts.h"
#include "harness/judgement/mechanism/checkpoint_starvation.h"
#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

// As facts::DatabaseHistory::lock_lost: locks lapse for a moment while a connection is opened or closed.
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
    look_for_second_name();
    look_for_overwriting();
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

  std::string numbers(const Databases& found, facts::Episode facts::DatabaseHistory::*episode) const {
    std::vector<std::string> lines;
    for (const std::string& name : found) {
      const facts::Episode& seen = database(name).*episode;
      lines.push_back(fmt::format("{}: {}, from sample {} on, in {} of {} quiet samples{}", name,
                                  seen.numbers, seen.first_tick, seen.samples, database(name).quiet_samples,
                                  seen.now ? "" : ", no longer at the last"));
    }
    return lines_text(lines);
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

  using History = facts::DatabaseHistory;

  void look_for_split() {
    const Databases split = where([](const History& d) { return d.split() == Presence::yes; });
    const auto is_parted = [](const History& d) { return d.parted.samples + d.two_generations.samples > 0; };
    const Databases removed = where([&](const History& d) {
      return d.split() != Presence::yes && !is_parted(d) && d.sidecars_gone() == Presence::yes;
    });
    const Databases once = where([&](const History& d) {
      return d.split() != Presence::yes && !is_parted(d) && d.deleted_locked.now &&
             d.sidecars_gone() == Presence::unknown;
    });
    const Databases unknown = where([](const History& d) {
      return d.deleted_unlocked.samples + d.deleted_locked.samples == 0 && d.deleted_unknown.samples > 0;
    });
    if (!split.empty()) {
      parts_.ask(fmt::format("deleted sidecars are held on {} beside the live main, and the lock is gone",
                             names_text(split)),
                 {{kSplitGeneration, numbers(split, &History::deleted_unlocked), true}});
      ask_about_loaded_copies(split);
    }
    const Databases parted =
        where([&](const History& d) { return d.split() != Presence::yes && is_parted(d); });
    if (!parted.empty()) ask_about_parted(parted);
    if (!removed.empty()) {
      parts_.ask(fmt::format("deleted sidecars are held on {} while the lock is", names_text(removed)),
                 {{kSidecarsRemoved, numbers(removed, &History::deleted_locked), true}});
    }
    if (!once.empty()) {
      parts_.more_samples = true;
      parts_.ask(fmt::format("deleted sidecars are held on {} while the lock is, at the last sample alone",
                             names_text(once)),
                 {{kSidecarsRemoved,
                   numbers(once, &History::deleted_locked) + "; a last close holds them so for a moment"}});
    }
    if (!unknown.empty()) ask_about_unlisted(unknown);
    conclude_split(split.empty() && unknown.empty() && parted.empty() && !removed.empty());
  }

  // What neither a question nor a certain answer says of the mechanisms that deleted sidecars show.
  void conclude_split(bool removed_alone) {
    const Databases seen = where([](const History& d) { return d.deleted_seen(); });
    if (seen.empty()) {
      const std::string none = "no deleted -wal or -shm beside a live main in " + quiet_text();
      const bool hidden = !where([](const History& d) { return d.deleted_not_shown; }).empty();
      not_seen(kSplitGeneration, none, hidden);
      return not_seen(kStaleCheckpoint, "it follows a split generation, and there was none: " + none, hidden);
    }
    parts_.cannot_tell(kStaleCheckpoint,
                       "needs the rows: it comes when a connection that holds a deleted -wal is closed or "
                       "checkpoints");
    if (parts_.asks_about(kSplitGeneration)) return;
    const std::string held = numbers(seen, &History::deleted_locked);
    if (removed_alone) {
      parts_.rule_out(kSplitGeneration, "the SQLite that holds the lock unlinked none: " + held);
    } else {
      parts_.cannot_tell(kSplitGeneration, "whether the rows of both already differ: " + held);
    }
  }

  void ask_about_unlisted(const Databases& unknown) {
    parts_.locks_missing = true;
    const std::string held = numbers(unknown, &History::deleted_unknown);
    const bool shown = where([](const History& d) { return d.main_not_shown; }).empty();
    parts_.ask(fmt::format("deleted sidecars are held on {}{}", names_text(unknown),
                           shown ? " beside the live main" : ", whose main is not shown"),
               {{kSplitGeneration, held + (shown ? "; if the lock is gone, too"
                                                 : "; if the main is held, and its lock is gone")},
                {kSidecarsRemoved, "if the lock is still held: somebody else removed them"}});
  }

  // The SQLite libraries that are mapped: two of them keep no account of each other's locks.
  std::vector<std::string> libraries() const {
    std::vector<std::string> names;
    if (!evidence_.libraries()) return names;
    for (const auto& [file, version] : *evidence_.libraries())
      names.push_back(fmt::format("{} ({})", file, version));
    return names;
  }

  void ask_about_loaded_copies(const Databases& split) {
    const std::vector<std::string> loaded = libraries();
    if (loaded.size() < 2) return;
    parts_.ask(fmt::format("{} SQLite libraries are loaded, and the lock on {} is gone", loaded.size(),
                           names_text(split)),
               {{kSecondCopy, fmt::format("{}: a close by one of them drops the locks of the other",
                                          names_text(loaded))}});
  }

  // SQLite itself closed a -shm of which this process holds another, or the same.
  void ask_about_parted(const Databases& parted) {
    std::vector<std::string> lines;
    bool certain = true;
    for (const std::string& name : parted) {
      const History& d = database(name);
      const facts::Episode& seen = d.parted.samples > 0 ? d.parted : d.deleted_locked;
      lines.push_back(fmt::format("{}: {}{}", name, seen.numbers,
                                  d.two_generations.samples > 0 ? "; " + d.two_generations.numbers : ""));
      certain = certain && d.parted.samples > 0 && d.two_generations.samples > 0;
    }
    const std::vector<std::string> loaded = libraries();
    std::string copies = lines_text(lines);
    if (loaded.size() >= 2) copies += fmt::format("; loaded are {}", names_text(loaded));
    std::vector<Candidate> candidates{{kSecondCopy, copies, certain}};
    // A copy of the folder's files drops the lock on a -shm that was removed already.
    if (!certain)
      candidates.push_back({kSidecarsRemoved, "if the -shm was opened and closed outside SQLite as well"});
    parts_.ask(
        fmt::format("deleted sidecars are held on {}, and a SQLite of this process has closed the -shm",
                    names_text(parted)),
        std::move(candidates));
  }

  void look_for_lock() {
    const Databases lost = where([](const History& d) { return d.lock_lost() == Presence::yes; });
    const Databases once =
        where([](const History& d) { return d.lock_lost() != Presence::yes && d.unlocked.now; });
    const Databases unclear = where([](const History& d) {
      return d.lock_lost() == Presence::unknown && !d.unlocked.now && d.unclear.samples > 0;
    });
    const bool unknown = !where([](const History& d) { return d.locks_unknown; }).empty();
    parts_.locks_missing = parts_.locks_missing || unknown;
    if (!lost.empty()) ask_about_lost(lost);
    if (!once.empty()) {
      parts_.more_samples = true;
      parts_.ask(
          fmt::format(
              "a -wal or -journal is held without a lock on {}, for less than a second as far as was seen",
              names_text(once)),
          {{kLockLost,
            numbers(once, &History::unlocked) +
                "; locks lapse for a moment at opens and closes: two samples a second apart tell"}});
    }
    if (!unclear.empty()) {
      parts_.ask(fmt::format("a -wal or -journal is held without a lock on {}", names_text(unclear)),
                 {{kLockLost,
                   numbers(unclear, &History::unclear) +
                       "; the VFSs unix-dotfile and unix-none, and nolock=1, take none; seen from before its "
                       "loss on, the lock would tell"}});
    }
    if (!lost.empty() || !once.empty() || !unclear.empty()) return;
    if (unknown) return parts_.cannot_tell(kLockLost, "the process's locks could not be read");
    const bool held = !where([](const History& d) { return d.locked > 0; }).empty();
    not_seen(kLockLost,
             held ? "a lock on the main file wherever a -wal or -journal is held, in " + quiet_text()
                  : "no -wal or -journal is held at any of " + quiet_text());
  }

  void ask_about_lost(const Databases& lost) {
    const Databases unguarded = where([](const History& d) { return d.unguarded.now; });
    const bool journal = !where([](const History& d) { return d.journals > 0; }).empty();
    parts_.ask(fmt::format("a {} is held without a lock on {}", journal ? "-wal or -journal" : "-wal",
                           names_text(lost)),
               {{kLockLost,
                 numbers(lost, &History::unlocked) +
                     (unguarded.empty() ? ""
                                        : "; nor a lock on the -shm: SQLite 3.51.0 and later would not spare "
                                          "them either"),
                 true}});
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
    const Databases replaced = where([](const History& d) { return d.main_replaced() == Presence::yes; });
    if (replaced.empty()) {
      const Databases shrunk = where([](const History& d) { return d.shrunk.samples > 0; });
      if (!shrunk.empty())
        return parts_.cannot_tell(
            kReplacedBoard,
            "the file at the path is the one that is held, but whether its bytes are those of "
            "another database: it became shorter, on " +
                names_text(shrunk));
      if (quiet_ == 1 && evidence_.samples() == 1)
        return not_seen(kReplacedBoard, "every main descriptor is the file at its path at the one sample",
                        !where([](const History& d) { return d.replaced_not_shown; }).empty());
      return not_seen(
          kReplacedBoard,
          "every main descriptor is the file at its path, and none became shorter, in " + quiet_text(),
          !where([](const History& d) { return d.replaced_not_shown; }).empty());
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
    if (parts_.asks_about(kDescriptorExhaustion)) return;  // parked ones tell of a moment between two samples
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
    if (parts_.asks_about(kSecondCopy)) return;
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

  // Two names of one file have two -wal. Where a process is seen on the other name, that is certain.
  void look_for_second_name() {
    const Databases used = where([](const History& d) { return d.two_names.samples > 0; });
    const Databases there =
        where([](const History& d) { return d.two_names.samples == 0 && d.second_name.samples > 0; });
    if (!used.empty()) {
      parts_.ask(fmt::format("the main file of {} is held under another name, too", names_text(used)),
                 {{kSecondName, numbers(used, &History::two_names), true}});
    }
    if (!there.empty()) {
      parts_.ask(fmt::format("the main file of {} has another name", names_text(there)),
                 {{kSecondName,
                   numbers(there, &History::second_name) +
                       "; no process was seen to hold it under another one: harmless while nobody opens "
                       "that one"}});
    }
  }

  void look_for_overwriting() {
    const Databases emptied = where([](const History& d) { return d.emptied.samples > 0; });
    const Databases shrunk =
        where([](const History& d) { return d.emptied.samples == 0 && d.shrunk.samples > 0; });
    const auto lines = [&](const Databases& found, facts::Episode History::*episode) {
      std::vector<std::string> all;
      for (const std::string& name : found) {
        const facts::Episode& seen = database(name).*episode;
        all.push_back(fmt::format("{}: {}, at sample {}", name, seen.numbers, seen.first_tick));
      }
      return lines_text(all);
    };
    if (!emptied.empty()) {
      parts_.ask(fmt::format("the main file of {} was emptied while its -wal was held", names_text(emptied)),
                 {{kOverwrittenMain, lines(emptied, &History::emptied), true}});
    }
    if (!shrunk.empty()) {
      parts_.ask(
          fmt::format("the main file of {} became shorter while its -wal was held", names_text(shrunk)),
          {{kOverwrittenMain,
            lines(shrunk, &History::shrunk) +
                "; unless the program ran VACUUM or incremental_vacuum just then, somebody wrote over it"}});
    }
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
