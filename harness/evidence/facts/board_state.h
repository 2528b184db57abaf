// The state of one board's files at one sample, by the kernel's counts. The only place that decides whether a
// lock is lost, a sidecar is deleted or a main file is replaced: BoardWatch folds it for findings and
// mechanisms, ProcessHistory for watch and diagnose.
#pragma once

#include "harness/evidence/facts/sample.h"

namespace walsoak::facts {

// Three-valued: unknown where the counts that decide are missing; the numbers stand in `evidence` where it
// holds. A count that decides by itself decides although others are missing.
struct BoardState {
  // A -wal is held, and neither a POSIX nor an open-file-description lock on the main file's shared range:
  // SQLite holds one while a connection has the -wal open.
  Judgement lock_lost;
  // The same, and no lock on byte 128 of the -shm either, which SQLite 3.51.0 asks for before a last close.
  Judgement all_locks_lost;
  // A live -shm is held without a lock on its byte 128 although the main file's lock is held.
  Judgement index_lock_lost;
  // A deleted -wal or -shm is held beside a live main file. Deleted sidecars of a main that is itself deleted
  // or replaced do not count: there is one -wal descriptor a connection, so up to as many as such mains are
  // theirs.
  Judgement sidecar_deleted;
  // A main descriptor is on a deleted file, or on another inode than the path.
  Judgement main_replaced;
  // Two or more descriptors on one live -shm.
  Judgement two_indexes;

  // A lock of either kind is held on the main file's shared range: one kind alone answers yes.
  Presence locked = Presence::unknown;
};

BoardState board_state(const Counts& counts);

}  // namespace walsoak::facts
