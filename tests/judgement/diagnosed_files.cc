// Subjects whose files tell: locks, deleted and replaced ones, the -wal; and several causes at once.
#include "harness/model/vocabulary/mechanisms.h"
#include "tests/judgement/diagnosed_subjects.h"

namespace walsoak::judgement::diagnosed {

std::vector<Subject> filed_subjects() {
  return {
      // Locks and files.
      {"a lost lock", [] { return connections(Numbers(5, 1), kUnlocked); }, Standing::named, {"lock lost"}},
      {"a lost lock on three of many",
       [] { return times(connections(Numbers(4, 2), kUnlocked), 3); },
       Standing::named,
       {"lock lost"}},
      {"a lock lost half-way",
       [] {
         return series({database(1), database(1), database(1, kUnlocked), database(1, kUnlocked)});
       },
       Standing::named,
       {"lock lost"}},
      {"a lock that was away for one sample",
       [] {
         return series({database(1), database(1, kUnlocked), database(1), database(1)});
       },
       Standing::healthy,
       {}},
      {"a lock that is away at the last sample",
       [] {
         return series({database(1), database(1), database(1, kUnlocked)});
       },
       Standing::open,
       {},
       {"lock lost"}},
      {"a lock guard",
       [] {
         return throughout(5,
                           database(1, {{"kernel_main", 2}, {"lock_main_posix", 0}, {"lock_main_ofd", 1}}));
       },
       Standing::healthy,
       {}},
      {"a split generation",
       [] {
         return series({database(1), database(1, kUnlocked), database(1, kSplit), database(1, kSplit)});
       },
       Standing::named,
       {"split generation", "lock lost"}},
      {"the same, seen late",
       [] { return throughout(4, database(3, kSplit)); },
       Standing::named,
       {"split generation", "lock lost"}},
      {"sidecars that somebody removed",
       [] {
         return series({database(1), database(1, kRemoved), database(1, kRemoved)});
       },
       Standing::named,
       {kSidecarsRemoved}},
      {"deleted sidecars in a listing",
       [] { return as_listing(throughout(1, database(1, kRemoved))); },
       Standing::open,
       {},
       {"split generation", kSidecarsRemoved}},
      {"deleted sidecars in a listing of deleted files alone, as lsof +L1",
       [] {
         Json alone = kRemoved;
         alone.update({{"kernel_main", nullptr}, {"main_inode", nullptr}, {"main_bytes", nullptr}});
         return as_listing(throughout(1, database(1, alone)));
       },
       Standing::open,
       {},
       {"split generation", kSidecarsRemoved}},
      {"sidecars removed here, deleted ones with locks that are not known there",
       [] {
         return beside(series({database(1), database(1, kRemoved), database(1, kRemoved)}),
                       series({database(1), database(1, kDeletedUnknown), database(1, kDeletedUnknown)}));
       },
       Standing::named,
       {kSidecarsRemoved},
       {"split generation", kSidecarsRemoved}},
      {"a split generation here, deleted sidecars with locks that are not known there",
       [] { return beside(throughout(4, database(1, kSplit)), throughout(4, database(1, kDeletedUnknown))); },
       Standing::named,
       {"split generation", "lock lost"},
       {"split generation", kSidecarsRemoved}},
      {"a restore by rename",
       [] {
         return series(
             {database(1),
              database(1, {{"kernel_main_deleted", 1}, {"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}}),
              database(1,
                       {{"kernel_main_deleted", 1}, {"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}})});
       },
       Standing::named,
       {"replaced board"}},
      {"a main that was moved away",
       [] {
         return throughout(4, database(2, {{"kernel_main_replaced", 2}}));
       },
       Standing::named,
       {"replaced board"}},
      {"two copies of SQLite",
       [] {
         return throughout(4, database(2, {{"kernel_shm", 2}}));
       },
       Standing::named,
       {kSecondCopy}},

      // The -wal.
      {"a reader that stays",
       [] {
         return series({with_wal_bytes(4000000), with_wal_bytes(9000000), with_wal_bytes(14000000),
                        with_wal_bytes(19000000), with_wal_bytes(24000000)});
       },
       Standing::named,
       {"checkpoint starvation"}},
      {"a -wal within its bounds",
       [] {
         return series({with_wal_bytes(400000), with_wal_bytes(2000000), with_wal_bytes(4100000)});
       },
       Standing::healthy,
       {}},
      {"one large transaction",
       [] {
         return series({with_wal_bytes(4000), with_wal_bytes(90000000), with_wal_bytes(90000000),
                        with_wal_bytes(90000000)});
       },
       Standing::healthy,
       {}},
      {"sidecars that come and go", [] { return series(churning(8)); }, Standing::healthy, {"sidecar churn"}},
      {"a -wal that is there at every second sample",
       [] { return series(held_every_second(8)); },
       Standing::healthy,
       {"sidecar churn"}},
      // A listing shows what the process holds, and not what is there besides.
      {"a -wal that is held in every second listing",
       [] { return as_listing(series(held_every_second(8))); },
       Standing::healthy,
       {}},

      // Parked descriptors.
      {"parked after a burst",
       [] {
         return series({with_main(1, 1), with_main(9, 9), with_main(9, 1), with_main(9, 1)});
       },
       Standing::healthy,
       {"parked descriptors"}},
      {"20 main and 12 -wal with 19 threads, as #98573",
       [] { return with_threads(throughout(4, with_main(20, 12)), Numbers(4, 19)); },
       Standing::healthy,
       {}},

      // Several at once.
      {"a connection on each of ever more databases",
       [] { return more_databases(20); },
       Standing::open,
       {},
       kOverDatabases},
      {"the same in three samples",
       [] { return every(more_databases(3), 1); },
       Standing::open,
       {},
       kOverDatabases},
      {"six boards opened one after another",
       [] {
         return beside(connections({0, 1, 1, 1, 1, 1, 1, 1, 1, 1}),
                       connections({0, 0, 1, 1, 1, 1, 1, 1, 1, 1}));
       },
       Standing::healthy,
       {}},
      {"a leak that was stopped by the limit",
       [] {
         return with_limit(connections({3, 5, 7, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}), 33);
       },
       Standing::named,
       {"descriptor exhaustion"},
       kPile},
      {"two leaks that were stopped by the limit",
       [] {
         return with_limit(with_elsewhere(connections({3, 5, 7, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}),
                                          {12, 36, 60, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80}),
                           101);
       },
       Standing::named,
       {"descriptor exhaustion"},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kNotSqlite}},
      {"the limit was reached before the first sample",
       [] { return with_limit(connections(Numbers(6, 30)), 74); },
       Standing::named,
       {"descriptor exhaustion"},
       kPile},
      {"the limit is reached by sockets",
       [] { return with_limit(with_elsewhere(connections(Numbers(6, 1)), Numbers(6, 1020)), 1024); },
       Standing::named,
       {"descriptor exhaustion"}},
      {"a pool of 40 at a glance",
       [] { return every(connections(Numbers(3, 40)), 1); },
       Standing::open,
       {},
       kPile},
      {"a pool of 40 for two hours", [] { return connections(Numbers(120, 40)); }, Standing::healthy, {}},
      {"70 descriptors on one file in a listing",
       [] { return as_listing(throughout(1, rollback_database(70))); },
       Standing::open,
       {},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"70 main and one -wal in a listing",
       [] { return as_listing(throughout(1, with_main(70, 1))); },
       Standing::open,
       {},
       {kOtherMainDescriptors, "parked descriptors", "unclosed connection"}},
      {"a -wal that is opened raw and stays open",
       [] {
         return series({with_main(1, 2), with_main(1, 4), with_main(1, 6), with_main(1, 8), with_main(1, 10),
                        with_main(1, 12), with_main(1, 14)});
       },
       Standing::named,
       {kOtherWalDescriptors}},
      {"main grows while the -wal ones are closed",
       [] {
         return every(series({with_main(9, 9), with_main(11, 11), with_main(13, 2)}), 1);
       },
       Standing::open,
       {},
       {"parked descriptors", kOtherMainDescriptors, "unclosed connection"}},
      {"a lost lock on the -shm",
       [] {
         return connections(Numbers(5, 1), {{"lock_shm_dms", 0}});
       },
       Standing::named,
       {kIndexLockLost}},
      {"exclusive locking mode, without a -shm",
       [] {
         return connections(Numbers(5, 1), {{"kernel_shm", 0}, {"lock_shm_dms", 0}});
       },
       Standing::healthy,
       {}},
      {"two -shm in one listing",
       [] {
         return as_listing(throughout(1, database(2, {{"kernel_shm", 2}})));
       },
       Standing::open,
       {},
       {kSecondCopy}},
      // Two names of one file.
      {"a hard link that nobody is seen to use",
       [] {
         return throughout(4, database(2, {{"main_links", 2}, {"main_mounts", 0}, {"main_other_names", 0}}));
       },
       Standing::open,
       {},
       {kSecondName}},
      {"a hard link that another process uses",
       [] {
         return throughout(4, database(2, {{"main_links", 2}, {"main_mounts", 0}, {"main_other_names", 1}}));
       },
       Standing::named,
       {kSecondName}},
      {"a single file that is mounted",
       [] {
         return throughout(
             4, database(2, {{"main_links", 1}, {"main_mounts", 1}, {"main_other_names", nullptr}}));
       },
       Standing::open,
       {},
       {kSecondName}},
      {"one name",
       [] {
         return throughout(4, database(2, {{"main_links", 1}, {"main_mounts", 0}, {"main_other_names", 0}}));
       },
       Standing::healthy,
       {}},

      // A main file that becomes shorter.
      {"a restore in place",
       [] {
         return series({with_files(900000, 90000), with_files(900000, 90000), with_files(8192, 111000)});
       },
       Standing::open,
       {},
       {kOverwrittenMain}},
      {"a restore in place, seen while the file is empty",
       [] {
         return series({with_files(900000, 90000), with_files(0, 90000), with_files(8192, 111000),
                        with_files(8192, 131000)});
       },
       Standing::named,
       {kOverwrittenMain}},
      {"VACUUM, and a checkpoint that came by itself",
       [] {
         return series({with_files(9000000, 4152), with_files(9000000, 4152), with_files(4100000, 4300000),
                        with_files(4100000, 4300000)});
       },
       Standing::healthy,
       {}},
      {"VACUUM, and a checkpoint that truncates: a restore would look the same",
       [] {
         return series({with_files(900000, 90000), with_files(8192, 0), with_files(8192, 4152)});
       },
       Standing::open,
       {},
       {kOverwrittenMain}},

      // Locks of other kinds.
      {"a -journal held without a lock, at every sample",
       [] {
         return throughout(4, rollback_database(1, {{"kernel_journal", 1}}));
       },
       Standing::open,
       {},
       {"lock lost"}},
      {"a file that is named like a -journal, without a main",
       [] {
         return throughout(4, rollback_database(1, {{"kernel_main", 0}, {"kernel_journal", 1}}));
       },
       Standing::healthy,
       {}},
      {"a -journal whose lock is lost",
       [] {
         std::vector<Json> boards(2, rollback_database(1, {{"kernel_journal", 1}, {"lock_main_posix", 1}}));
         boards.insert(boards.end(), 2, rollback_database(1, {{"kernel_journal", 1}}));
         return series(boards);
       },
       Standing::named,
       {"lock lost"}},
      {"unix-dotfile in WAL mode",
       [] {
         Json values = kNoIndex;
         values["lock_folder"] = 1;
         return throughout(4, database(1, values));
       },
       Standing::healthy,
       {}},
      {"unix-none in WAL mode, or an exclusive connection whose lock is lost",
       [] { return throughout(4, database(1, kNoIndex)); },
       Standing::open,
       {},
       {"lock lost"}},
      {"a -shm that may only be read, after a crash",
       [] {
         return throughout(4, database(1, {{"lock_shm_dms", 0}, {"shm_readonly", 1}}));
       },
       Standing::healthy,
       {}},

      // Two copies of SQLite.
      {"a close by another copy of SQLite, and two generations",
       [] { return throughout(4, database(1, kTwoGenerations)); },
       Standing::named,
       {kSecondCopy}},
      {"a deleted -shm without its lock, and no other",
       [] {
         Json values = kRemoved;
         values.update({{"lock_shm_dms", 0}, {"lock_shm_dms_deleted", 0}});
         return throughout(4, database(1, values));
       },
       Standing::open,
       {},
       {kSecondCopy, kSidecarsRemoved}},
      {"sidecars that are gone at the last sample",
       [] {
         return series({database(1), database(1), database(1, kRemoved)});
       },
       Standing::open,
       {},
       {kSidecarsRemoved}},

      // Transactions.
      {"a write transaction that stays open",
       [] {
         return throughout(3, database(1, {{"lock_writer", 1}, {"lock_reader", 1}, {"written_us", 7}}));
       },
       Standing::named,
       {kHeldTransaction}},
      {"a busy writer at three samples", [] { return writing(3); }, Standing::healthy, {}},
      {"a busy writer at every one of many samples",
       [] { return writing(8); },
       Standing::open,
       {},
       {kHeldTransaction}},
      {"a write transaction that comes and goes",
       [] {
         Watched watched =
             throughout(4, database(1, {{"lock_writer", 1}, {"lock_reader", 1}, {"written_us", 7}}));
         watched.samples[2]["db1"]["lock_writer"] = 0;
         watched.samples[2]["db1"]["lock_reader"] = 0;
         return watched;
       },
       Standing::healthy,
       {}},
      {"a main that is locked exclusively at every sample, with a rollback journal",
       [] {
         return throughout(4, rollback_database(1, {{"kernel_journal", 1},
                                                    {"journal_bytes", 512},
                                                    {"lock_main_posix", 1},
                                                    {"lock_writer", 0},
                                                    {"lock_reader", 0},
                                                    {"lock_exclusive", 1}}));
       },
       Standing::unknown,
       {}},
      {"the same with a journal that is truncated at rest",
       [] {
         return throughout(4, rollback_database(1, {{"kernel_journal", 1},
                                                    {"journal_bytes", 0},
                                                    {"lock_main_posix", 1},
                                                    {"lock_writer", 0},
                                                    {"lock_reader", 0},
                                                    {"lock_exclusive", 1}}));
       },
       Standing::healthy,
       {}},
      {"a reader at every one of many samples",
       [] {
         return throughout(8, database(1, {{"lock_writer", 0}, {"lock_reader", 1}, {"written_us", 7}}));
       },
       Standing::open,
       {},
       {kHeldTransaction}},
      {"a reader beside a -wal that grows",
       [] {
         std::vector<Json> boards;
         for (int i = 1; i <= 3; ++i)
           boards.push_back(database(1, {{"lock_writer", 0}, {"lock_reader", 1}, {"wal_bytes", 4152 * i}}));
         return series(boards);
       },
       Standing::open,
       {},
       {kHeldTransaction}},

      // Parked descriptors without a bound, and at the limit.
      {"a main file that may only be read",
       [] {
         std::vector<Json> boards;
         for (int i = 2; i <= 12; ++i)
           boards.push_back(database(1 + i % 2, {{"kernel_main", 2 * i}, {"main_readonly", 2 * i}}));
         return series(boards);
       },
       Standing::open,
       {},
       {"parked descriptors", kOtherMainDescriptors, "unclosed connection"}},
      {"half of the limit is parked",
       [] { return with_limit(throughout(4, with_main(98, 1)), 211); },
       Standing::open,
       {},
       {"descriptor exhaustion"}},
      {"300 main and 100 -wal in one listing",
       [] { return as_listing(series({with_main(300, 100)})); },
       Standing::open,
       {},
       kPile},
      {"May 2026", [] { return may_2026(); }, Standing::named, {"split generation", "lock lost"}, kPile},
      {"a leak here, a lost lock there",
       [] { return beside(connections(rising(8)), connections(Numbers(8, 1), kUnlocked)); },
       Standing::named,
       {"lock lost"},
       kPile},
  };
}

}  // namespace walsoak::judgement::diagnosed
