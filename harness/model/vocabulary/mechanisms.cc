#include "harness/model/vocabulary/mechanisms.h"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace walsoak {
namespace {

constexpr std::string_view kMechanismNames[] = {
    kUnclosedConnection, kDeferredCollection, kZombieConnection, kParkedDescriptors,    kConnectionPerThread,
    kLockLost,           kSplitGeneration,    kStaleCheckpoint,  kCheckpointStarvation, kDescriptorExhaustion,
    kReplacedBoard,      kSidecarChurn};

}  // namespace

// Claims with a fix's name are those of reports/every-fix; each other claim names its source.
std::span<const MechanismInfo> mechanisms_table() {
  static const std::vector<MechanismInfo> all = {
      {kStaleCheckpoint,
       'K',
       "after a split the deleted -wal was checkpointed into the live main file",
       "the database on disk may be malformed, or lack commits that were acknowledged",
       {"restore from a backup, or salvage with sqlite3 FILE .recover; then cure what led to "
        "it, named beside this"},
       {"stopping the process in good order: that close is what checkpoints the deleted -wal (README)",
        "a newer SQLite in the process that holds it: 3.54.1 does the same "
        "(reports/notes/sqlite-versions.md)"}},
      {kSplitGeneration,
       'S',
       "the process works with a -wal or -shm that has no name any more, beside the live main file",
       "others do not see what it commits, and its last close checkpoints the deleted -wal over the live "
       "file; rows "
       "cannot be seen from the kernel: whether they already differ was not looked at",
       {"copy the live files and /proc/PID/fd/N of the deleted -wal first; then kill the process (SIGKILL): "
        "its close lost "
        "200 of 400 rows that others had committed, the kill none of them (reports/notes/open-questions.md)",
        "against the next one: no ordinary open of the main file (no-raw-open), or a lock guard "
        "(lock-guard): each "
        "ended the wedge",
        "SQLite 3.51.0 or later in every *other* process that closes the database "
        "(reports/notes/sqlite-versions.md)"},
       {"an integrity check from outside: it says ok until that last close",
        "a newer SQLite in this process alone",
        "persistent, shared or pooled connections: they turn the error into commits that are lost unseen",
        "init-close and skip-wal-pragma change nothing"}},
      {kWalReset,
       '\0',
       "a checkpoint beside a writer that resets the -wal takes its old header for the current one, and "
       "leaves frames "
       "out: a bug of SQLite 3.7.0 to 3.51.2 (sqlite.org/wal.html#walresetbug)",
       "acknowledged commits are lost, with no lock lost, no file deleted and no error; it takes two "
       "connections that "
       "checkpoint and write at one moment",
       {"SQLite 3.51.3 or later, or 3.50.7 and 3.44.6 of their branches, in every process that opens the "
        "database",
        "a rollback journal (journal_mode=DELETE) where a library has the bug, as upstream does since "
        "#70055"},
       {"a fix against lost locks: no lock is lost",
        "PASSIVE checkpoints and auto-checkpoints: they are enough for it"}},
      {kSidecarsRemoved,
       '\0',
       "the -wal or -shm was removed while this process still holds its locks: the SQLite that holds them "
       "does not "
       "do that, somebody else did (rm, a restore, a copy tool)",
       "what it commits is seen by nobody who opens the database now, and its last close checkpoints the "
       "deleted "
       "-wal over the live file",
       {"stop every process on the database before its files are touched; copy with the backup API or VACUUM "
        "INTO",
        "now: copy the live files and /proc/PID/fd/N of the deleted -wal before the process is ended"},
       {"a fix against lost locks: this lock was not lost"}},
      {kSecondName,
       '\0',
       "the main file is in use under one name and has another: a hard link, or a mount of the single file; "
       "-wal, "
       "-shm and -journal go by the name, so that whoever opens the other name has others "
       "(sqlite.org/howtocorrupt.html 2.5)",
       "neither sees what the other commits, and each checkpoint writes over the other's: commits are lost "
       "and the "
       "file may become malformed, although both hold their locks",
       {"one name for every process: remove the link, or mount the folder instead of the file",
        "now: stop the processes of one of the names, and check the file"},
       {"a fix against lost locks: no lock is lost",
        "a longer busy timeout: each has its own -shm, so that their writers never wait for each other"}},
      {kReplacedBoard,
       'R',
       "the process has a main file open that is deleted, or not the one at the path any more",
       "it reads and writes a file that nobody else sees, without an error",
       {"reopen when the inode at the path changes (fingerprint inode), or restore through the backup API",
        "stop the process before a restore"},
       {"a fingerprint of mtime and size: a checkpoint changes it too, and it reopened for nothing at 81 of "
        "120 uses "
        "(reports/notes/open-questions.md)"}},
      {kOverwrittenMain,
       '\0',
       "the main file became shorter while its -wal was held: a restore or copy that writes over the file in "
       "place "
       "(cp, cat, rsync --inplace) does that; of SQLite itself, incremental vacuum, or VACUUM into a -wal "
       "that was long "
       "before",
       "the process mixes pages of its cache and -wal with those of the other file: the database becomes "
       "malformed",
       {"restore through the backup API (sqlite3 FILE '.restore COPY'), which keeps locks and readers right",
        "stop every process on the database before its file is written over"},
       {"a fix against lost locks: no lock is lost", "a reopen when the inode changes: it stays the same"}},
      {kDescriptorExhaustion,
       'X',
       "three or fewer descriptors are free",
       "opens fail with \"unable to open database file\" (14) or EMFILE; the databases are whole",
       {"what holds the descriptors, named beside this; a restart frees them until then"},
       {"a higher limit: it only comes later"}},
      {kLockLost,
       'L',
       "a -wal or a -journal is held, but the process has no lock on the main file: an ordinary open and "
       "close of that "
       "file by "
       "this process drops it (sqlite.org/howtocorrupt.html 2.2), and a connection carried over fork() has "
       "none",
       "where the process that closes last runs SQLite before 3.51.0, it takes itself for the last one, "
       "checkpoints "
       "and unlinks -wal and -shm under this one: a split generation; 3.51.0 and later leave them alone "
       "while the "
       "lock on the -shm is still there; with a -journal the next reader takes it for a crash's and plays it "
       "back "
       "under the open transaction",
       {"no open and close of the main file outside SQLite: stat it, or ask SQLite (no-raw-open ended the "
        "wedge)",
        "a lock guard, an open-file-description lock that such a close does not drop (lock-guard ended the "
        "wedge)",
        "carried over fork(): open the child's own connection, and neither use nor close the parent's there",
        "SQLite 3.51.0 or later in every other process that opens the database; it leaves the lock lost, and "
        "does "
        "not help where the -shm is read raw as well (reports/notes/sqlite-versions.md)"},
       {"a newer SQLite in this process: the closer's version decides",
        "wal-safe-close hides it while the boards are calm and no other program writes",
        "persistent, shared or pooled connections of one component: 182 of 335 acknowledged commits lost "
        "(README)",
        "skip-wal-pragma and init-close change nothing"}},
      {kIndexLockLost,
       '\0',
       "a -shm is held without the lock on its byte 128 that every connection keeps: an ordinary open and "
       "close "
       "of the -shm by this process drops it, as a copy of the folder's files does",
       "the next process that opens the database takes itself for the first one and truncates the -shm under "
       "this one; readers' locks are gone with it, so that a checkpoint may overwrite what they read",
       {"no open and close of -wal and -shm outside SQLite: copy with the backup API or VACUUM INTO"},
       {"a lock guard on the main file: this lock is on the -shm"}},
      {kSecondCopy,
       '\0',
       "two -shm of one database in one process: two copies of SQLite, of which neither knows the other's "
       "connections, or "
       "a raw open of the -shm",
       "each copy's closes drop the other's locks, and its last one unlinks -wal and -shm under the other "
       "(sqlite.org/howtocorrupt.html 2.2.1)",
       {"one SQLite library for the whole process"},
       {"closing every connection: the close is what drops the locks"}},
      {kUnclosedConnection,
       'U',
       "connections are opened and never closed; each keeps a main and, once it has read, a -wal descriptor",
       "the process runs out of descriptors",
       {"close each connection where it was opened (close-always ended the leak); in Python `with "
        "connection` commits "
        "and does not close: contextlib.closing does"},
       {"a checkpoint before the close: no descriptor is released by it (reports/notes/open-questions.md)",
        "no-raw-open, lock-guard, delete-journal: the leak goes on",
        "a pool or a kept connection for one component: those that open for themselves go on leaking",
        "a higher limit: it only comes later"}},
      {kZombieConnection,
       'Z',
       "connections were closed with a statement that is not finalized: sqlite3_close_v2 keeps them until it "
       "is",
       "the process runs out of descriptors",
       {"finalize every statement before the close; sqlite3_close instead of sqlite3_close_v2 refuses "
        "(SQLITE_BUSY) "
        "and so shows which"},
       {"closing: it was done", "a collector, unless the statement is what it frees"}},
      {kConnectionPerThread,
       'T',
       "a connection for each thread and database",
       "bounded by threads times databases while threads live; where threads die and leave theirs it grows",
       {"close a thread's connections when it ends, or a pool with a bound on the peak (8 readers: 40 "
        "descriptors "
        "instead of 509 with 250 threads, #76700)"},
       {"more threads, or a thread-local cache on threads that die: 11 of 41 acknowledged commits lost with "
        "lost locks (README)"}},
      {kPerDatabase,
       '\0',
       "a connection is kept for each database that was ever opened",
       "bounded by the number of databases; where new ones come for good the process runs out of descriptors",
       {"a bound on the cached connections: the least recently used one is closed"},
       {"one connection a database: it is that already"}},
      {kDeferredCollection,
       'D',
       "dropped connections wait for a collector: descriptors rise slowly and fall at once",
       "as many descriptors as are dropped between two collections; no leak while it runs",
       {"close each connection where it was opened: the collector then has nothing to free"},
       {"more frequent collections: lower teeth, and none where a collector is off"}},
      {kOtherMainDescriptors,
       '\0',
       "descriptors on the main file that are not SQLite connections which have read: raw opens, or "
       "connections "
       "opened and never used",
       "closing a raw one drops every lock of the process on that file",
       {"find the open of the file outside SQLite, and use stat or SQLite itself instead"},
       {"closing the raw descriptors one by one while connections are open: that loses the locks"}},
      {kOtherWalDescriptors,
       '\0',
       "descriptors on the -wal beyond those of connections, which have a main one each: it is opened or "
       "duplicated outside SQLite",
       "the process runs out of descriptors",
       {"find the open of the -wal outside SQLite, and close what it opens"},
       {"closing connections: these are none"}},
      {kCheckpointStarvation,
       'W',
       "the -wal grows although checkpoints are due: a read transaction that stays open, or checkpoints are "
       "off",
       "reads become slow, and the disk fills",
       {"end the read transaction: finish or reset statements, commit, close (in whatever process has it)",
        "if nobody reads: PRAGMA wal_autocheckpoint of the writers"},
       {"PRAGMA wal_checkpoint(TRUNCATE) beside the reader: it waits out the whole busy timeout and shuts "
        "writers out "
        "meanwhile (reports/notes/open-questions.md)"}},
      {kHeldTransaction,
       '\0',
       "a transaction is open at every sample: one that writes keeps every other writer out, one that reads "
       "keeps "
       "the -wal from being reset, and with a rollback journal keeps writers from committing",
       "others get \"database is locked\" (5) when their busy timeout is over; beside a reader the -wal "
       "grows",
       {"commit or roll back as soon as the statements are through; finish or reset every SELECT",
        "no waiting for a network, a queue or a user between BEGIN and COMMIT"},
       {"a longer busy timeout: the others wait longer for the same error",
        "WAL mode: it lets readers beside a writer, and no second writer"}},
      {kNotSqlite,
       '\0',
       "descriptors grow that are on no database",
       "the process runs out of descriptors, and then opens of databases fail too",
       {"ls -l /proc/PID/fd shows which: sockets, pipes, other files"},
       {"any change to how SQLite is used"}},
      {kParkedDescriptors,
       'P',
       "SQLite keeps main descriptors of closed connections while another connection of the process holds a "
       "lock; "
       "they are used again, but for those of a main file that may only be read, before SQLite 3.46",
       "",
       {"as many as connections were open at once: nothing to cure; they go with the last lock",
        "a main file that may only be read: SQLite 3.46 or later; before, each open parks another one, "
        "without bound",
        "where they fill the limit: fewer connections at once, or a limit above three descriptors for each "
        "of them"},
       {"a checkpoint: it releases none (reports/notes/open-questions.md)"}},
      {kSidecarChurn,
       'C',
       "each last close, of this process or another, checkpoints and unlinks -wal and -shm, and the next "
       "open makes "
       "them anew",
       "",
       {"one connection that stays open on the database: 8 unlinks instead of 956 (README, persistent)"},
       {"wal-safe-close: 956 as before (README)",
        "asking for the journal mode first (skip-wal-pragma): no count changes"}},
  };
  return all;
}

const MechanismInfo& mechanism_info(std::string_view name) {
  const auto all = mechanisms_table();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const MechanismInfo& info) { return info.name == name; });
  if (found == all.end()) throw std::out_of_range("no mechanism " + std::string(name));
  return *found;
}

std::span<const std::string_view> mechanism_names() {
  return kMechanismNames;
}

}  // namespace walsoak
