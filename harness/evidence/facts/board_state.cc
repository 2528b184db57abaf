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

}  // namespace

BoardState board_state(const Counts& counts) {
  const Count main = counts[Key::kernel_main], wal = counts[Key::kernel_wal], shm = counts[Key::kernel_shm];
  const Count wal_deleted = counts[Key::kernel_wal_deleted], shm_deleted = counts[Key::kernel_shm_deleted];
  const Count main_deleted = counts[Key::kernel_main_deleted], replaced = counts[Key::kernel_main_replaced];
  const Count posix = counts[Key::lock_main_posix], ofd = counts[Key::lock_main_ofd];
  const Count dms = counts[Key::lock_shm_dms];
  // A listing may not show whether the path leads to another file now. It shows a deleted main, which a
  // rename over the path leaves; without one no main counts as another file.
  const Count not_live = sum(main_deleted, replaced.value_or(0));
  const Count live = difference(main, not_live);
  const Count live_shm = difference(shm, shm_deleted);

  const auto held = [&] { return fmt::format("{} -wal held, 0 locks on the main file", text(wal)); };
  BoardState state;
  state.locked = any_of({some(posix), some(ofd)});
  const Presence unlocked = all_of({none(posix), none(ofd)});
  state.lock_lost = with(all_of({some(wal), unlocked}), held);
  state.all_locks_lost = with(all_of({some(wal), unlocked, none(dms)}), held);
  state.index_lock_lost =
      with(all_of({some(wal), state.locked, some(live_shm), none(wal_deleted), none(shm_deleted), none(dms)}),
           [&] {
             return fmt::format("{} -shm held, {} locks on the main file, none on the -shm", text(live_shm),
                                text(sum(posix, ofd)));
           });
  state.sidecar_deleted =
      with(all_of({deleted_of_a_live_main(wal_deleted, shm_deleted, not_live), some(live)}), [&] {
        return fmt::format("{} -wal (deleted) and {} -shm (deleted) held beside {} live main",
                           text(wal_deleted), text(shm_deleted), text(live));
      });
  state.main_replaced = with(any_of({some(main_deleted), some(replaced)}), [&] {
    return fmt::format("{} main descriptors on a deleted file, {} on another inode than the path",
                       text(main_deleted), text(replaced));
  });
  state.two_indexes = with(live_shm ? (*live_shm > 1 ? Presence::yes : Presence::no) : Presence::unknown,
                           [&] { return fmt::format("{} -shm descriptors on one file", text(live_shm)); });
  return state;
}

}  // namespace walsoak::facts
