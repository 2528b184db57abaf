// The state of one board's files at one sample, by the kernel's counts. The only place that decides whether a
// lock is lost, a sidecar is deleted, or a main file is replaced, shortened or in use under two names:
// BoardWatch folds it for findings and mechanisms of walsoak's own cells, DatabaseHistory for those of a
// watched process, for watch and for diagnose.
#pragma once

#include <optional>

#include "harness/evidence/facts/sample.h"

namespace walsoak::facts {

// Of the earlier samples of the same board: quiet ones, in order.
class BoardPast {
 public:
  void note(const Counts& counts);

  // Whether a lock on the main file's shared range was ever held.
  bool locked() const { return locked_; }
  // The last one; nothing before the first.
  const std::optional<Counts>& last() const { return last_; }

 private:
  bool locked_ = false;
  std::optional<Counts> last_;
};

// Three-valued: unknown where the counts that decide are missing; the numbers stand in `evidence` where it
// holds. A count that decides by itself decides although others are missing.
struct BoardState {
  // A -wal or a -journal is held, and neither a POSIX nor an open-file-description lock on the main file's
  // shared range: SQLite holds one while a connection has either open. Unknown where nothing shows that this
  // process's SQLite locks bytes at all: no -shm is held, and none was seen before. locking_mode=EXCLUSIVE
  // has no -shm; the VFSs unix-dotfile and unix-none, and nolock=1, take no such lock.
  Judgement lock_lost;
  // That case: held without a lock, and not known whether there should be one.
  Judgement lock_unclear;
  // As lock_lost, and no lock on byte 128 of the -shm either, which SQLite 3.51.0 asks for before a last
  // close.
  Judgement all_locks_lost;
  // A live -shm that may be written is held without a lock on its byte 128 although the main file's lock is
  // held. One that is open for reading alone has no such lock where nobody else has the database open.
  Judgement index_lock_lost;
  // A deleted -wal or -shm is held beside a live main file. Deleted sidecars of a main that is itself deleted
  // or replaced do not count: there is one -wal descriptor a connection, so up to as many as such mains are
  // theirs.
  Judgement sidecar_deleted;
  // A deleted -shm and a live one are held beside live mains alone: one SQLite library has one -shm for a
  // file, so that there are two, or the live one was opened outside SQLite.
  Judgement two_generations;
  // Of a deleted -shm that is held: whether its byte 128 is locked. SQLite drops that lock of the whole
  // process where it closes and unlinks a -shm; whoever removes the file from outside leaves it.
  Presence deleted_index_locked = Presence::unknown;
  // A main descriptor is on a deleted file, or on another inode than the path.
  Judgement main_replaced;
  // The main file became shorter since the sample before under a -wal that was held throughout, and not by
  // what the -wal took in meanwhile, as VACUUM does. Bytes may have been written over it, as by a restore in
  // place; incremental vacuum and one that rewrites an old -wal look the same.
  Judgement main_shrunk;
  // It became empty: SQLite never does that.
  Judgement main_emptied;
  // Two or more descriptors on one live -shm.
  Judgement two_indexes;
  // A -wal or -journal is held, and a process holds the main file under another name, whose -wal and -journal
  // are other files.
  Judgement two_names;
  // A -wal or -journal is held, and the main file has another name: a hard link, or it is mounted by itself.
  Judgement second_name;

  // A lock of either kind is held on the main file's shared range: one kind alone answers yes.
  Presence locked = Presence::unknown;
};

BoardState board_state(const Counts& counts, const BoardPast& past = {});

}  // namespace walsoak::facts
