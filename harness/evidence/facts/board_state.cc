#include "harness/evidence/facts/board_state.h"

#include <fmt/format.h>

#include <initializer_list>
#include <string>

namespace walsoak::facts {
namespace {

// Strong Kleene logic: a false part makes the whole false, whatever is unknown beside it.
Presence all_of(std::initializer_list<Presence> parts) {
  Presence whole = Presence::yes;
  for (const Presence part : parts) {
    if (part == Presence::no) return Presence::no;
    if (part == Presence::unknown) whole = Presence::unknown;
  }
  return whole;
}

Presence any_of(std::initializer_list<Presence> parts) {
  Presence whole = Presence::no;
  for (const Presence part : parts) {
    if (part == Presence::yes) return Presence::yes;
    if (part == Presence::unknown) whole = Presence::unknown;
  }
  return whole;
}

Presence some(Count count) {
  return !count ? Presence::unknown : *count > 0 ? Presence::yes : Presence::no;
}

Presence none(Count count) {
  return !count ? Presence::unknown : *count > 0 ? Presence::no : Presence::yes;
}

// The evidence is formatted only where it is read: this runs for each board of each sample.
template <typename Evidence>
Judgement with(Presence presence, const Evidence& evidence) {
  return {presence, presence == Presence::yes ? evidence() : std::string{}};
}

// Whether deleted sidecars are left when those of mains that are not live are taken away.
Presence deleted_of_a_live_main(Count wal, Count shm, Count not_live) {
  if (none(not_live) == Presence::yes) return any_of({some(wal), some(shm)});
  if (wal && not_live) return *wal > *not_live ? Presence::yes : Presence::no;
  return any_of({some(wal), some(shm)}) == Presence::no ? Presence::no : Presence::unknown;
}

// Whether SQLite locks bytes of this board's main file in this process. It has a -shm, or it did before; a
// folder <main>.lock is the lock of unix-dotfile.
Presence locks_bytes(const Counts& counts, const BoardPast& past) {
  if (past.locked() || some(counts[Key::kernel_shm]) == Presence::yes) return Presence::yes;
  return some(counts[Key::lock_folder]) == Presence::yes ? Presence::no : Presence::unknown;
}

Presence same(Count a, Count b) {
  return !a || !b ? Presence::unknown : *a == *b ? Presence::yes : Presence::no;
}

// Whether the main file became shorter under a -wal that was held throughout.
Presence shortened(const Counts& now, const Counts& before) {
  const Count by = difference(before[Key::main_bytes], now[Key::main_bytes]);
  return all_of({some(by), some(now[Key::kernel_wal]), some(before[Key::kernel_wal]),
                 same(now[Key::main_inode], before[Key::main_inode]),
                 same(now[Key::wal_inode], before[Key::wal_inode]), none(now[Key::kernel_main_deleted]),
                 none(now[Key::kernel_main_replaced]), none(now[Key::kernel_wal_deleted])});
}

// VACUUM writes the whole new file into the -wal first, and the main becomes shorter at a checkpoint. Only
// the automatic one, after 1000 pages of 4096 bytes, leaves a -wal that shows it: after one that truncates
// the -wal, a restore in place looks the same.
constexpr std::int64_t kCheckpointedBytes = 1000 * (4096 + 24);

Presence is_not_by_the_wal(const Counts& now, const Counts& before) {
  const Count wal = now[Key::wal_bytes], wal_before = before[Key::wal_bytes], main = now[Key::main_bytes];
  if (!wal || !wal_before || !main) return Presence::unknown;
  const bool took_it_in = *wal - *wal_before >= *main && *main > 0 && *wal >= kCheckpointedBytes;
  return took_it_in ? Presence::no : Presence::yes;
}

}  // namespace

void BoardPast::note(const Counts& counts) {
  locked_ =
      locked_ || sum(counts[Key::lock_main_posix].value_or(0), counts[Key::lock_main_ofd].value_or(0)) > 0;
  last_ = counts;
}

namespace {

void judge_main(const Counts& counts, const BoardPast& past, Presence in_use, BoardState& state) {
  const Count deleted = counts[Key::kernel_main_deleted], replaced = counts[Key::kernel_main_replaced];
  state.main_replaced = with(any_of({some(deleted), some(replaced)}), [&] {
    return fmt::format("{} main descriptors on a deleted file, {} on another inode than the path",
                       text(deleted), text(replaced));
  });
  const Count links = counts[Key::main_links], mounts = counts[Key::main_mounts];
  const Count others = counts[Key::main_other_names];
  const auto names = [&] {
    return fmt::format("the main file has {} {}{}", text(links), links == 1 ? "link" : "hard links",
                       mounts.value_or(0) > 0 ? ", and is mounted by itself, as a single file" : "");
  };
  state.two_names = with(all_of({in_use, some(others)}), [&] {
    return fmt::format("{} {} it under another name; {}", text(others),
                       others == 1 ? "process holds" : "processes hold", names());
  });
  state.second_name =
      with(all_of({in_use, any_of({some(difference(links, 1)), some(mounts), some(others)})}), names);
  if (!past.last()) return;  // whether it became shorter takes two looks
  const Counts& before = *past.last();
  const Presence shorter = shortened(counts, before);
  const auto bytes = [&] {
    return fmt::format("the main file went from {} to {} bytes between two samples, the -wal from {} to {}",
                       text(before[Key::main_bytes]), text(counts[Key::main_bytes]),
                       text(before[Key::wal_bytes]), text(counts[Key::wal_bytes]));
  };
  state.main_shrunk = with(all_of({shorter, is_not_by_the_wal(counts, before)}), bytes);
  state.main_emptied = with(all_of({shorter, none(counts[Key::main_bytes])}), bytes);
}

void judge_sidecars(const Counts& counts, BoardState& state) {
  const Count wal_deleted = counts[Key::kernel_wal_deleted], shm_deleted = counts[Key::kernel_shm_deleted];
  // A listing may not show whether the path leads to another file now. It shows a deleted main, which a
  // rename over the path leaves; without one no main counts as another file.
  const Count not_live = sum(counts[Key::kernel_main_deleted], counts[Key::kernel_main_replaced].value_or(0));
  const Count live = difference(counts[Key::kernel_main], not_live);
  const Count live_shm = difference(counts[Key::kernel_shm], shm_deleted);
  state.sidecar_deleted =
      with(all_of({deleted_of_a_live_main(wal_deleted, shm_deleted, not_live), some(live)}), [&] {
        return fmt::format("{} -wal (deleted) and {} -shm (deleted) held beside {} live main",
                           text(wal_deleted), text(shm_deleted), text(live));
      });
  state.two_generations = with(all_of({some(live), none(not_live), some(live_shm), some(shm_deleted)}), [&] {
    return fmt::format("{} -shm (deleted) and {} -shm that are not, of one main file", text(shm_deleted),
                       text(live_shm));
  });
  state.two_indexes = with(live_shm ? (*live_shm > 1 ? Presence::yes : Presence::no) : Presence::unknown,
                           [&] { return fmt::format("{} -shm descriptors on one file", text(live_shm)); });
  const Count dms = counts[Key::lock_shm_dms];
  Count on_deleted = counts[Key::lock_shm_dms_deleted];
  // Without the count of its own: the locks are the deleted one's where no other is held.
  if (!on_deleted && (dms == 0 || live_shm == 0)) on_deleted = dms;
  state.deleted_index_locked = some(shm_deleted) == Presence::no ? Presence::unknown : some(on_deleted);
}

}  // namespace

BoardState board_state(const Counts& counts, const BoardPast& past) {
  const Count wal = counts[Key::kernel_wal], journal = counts[Key::kernel_journal];
  const Count posix = counts[Key::lock_main_posix], ofd = counts[Key::lock_main_ofd];
  const Count dms = counts[Key::lock_shm_dms];
  const Count live_shm = difference(counts[Key::kernel_shm], counts[Key::kernel_shm_deleted]);
  const Count writable_shm = difference(live_shm, counts[Key::shm_readonly].value_or(0));
  // A file of that name beside no held main file may be no journal of SQLite's.
  const Presence in_use = any_of({some(wal), all_of({some(journal), some(counts[Key::kernel_main])})});

  const auto held = [&] {
    return some(wal) == Presence::yes
               ? fmt::format("{} -wal held, 0 locks on the main file", text(wal))
               : fmt::format("{} -journal held, 0 locks on the main file", text(journal));
  };
  BoardState state;
  state.locked = any_of({some(posix), some(ofd)});
  const Presence unlocked = all_of({none(posix), none(ofd)});
  const Presence without = all_of({in_use, unlocked}), bytes = locks_bytes(counts, past);
  state.lock_lost = with(all_of({without, bytes}), held);
  state.lock_unclear = with(bytes == Presence::unknown ? without : Presence::no, [&] {
    return held() + ", and no -shm: nothing shows that this SQLite locks bytes of it";
  });
  state.all_locks_lost = with(all_of({without, bytes, some(wal), none(dms)}), held);
  state.index_lock_lost =
      with(all_of({some(wal), state.locked, some(writable_shm), none(counts[Key::kernel_wal_deleted]),
                   none(counts[Key::kernel_shm_deleted]), none(dms)}),
           [&] {
             return fmt::format("{} -shm held, {} locks on the main file, none on the -shm", text(live_shm),
                                text(sum(posix, ofd)));
           });
  judge_sidecars(counts, state);
  judge_main(counts, past, in_use, state);
  return state;
}

}  // namespace walsoak::facts
