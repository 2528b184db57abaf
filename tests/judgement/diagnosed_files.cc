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
      {"May 2026", [] { return may_2026(); }, Standing::named, {"split generation", "lock lost"}, kPile},
      {"a leak here, a lost lock there",
       [] { return beside(connections(rising(8)), connections(Numbers(8, 1), kUnlocked)); },
       Standing::named,
       {"lock lost"},
       kPile},
  };
}

}  // namespace walsoak::judgement::diagnosed
