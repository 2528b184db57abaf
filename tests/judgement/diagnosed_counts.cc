// Subjects whose counts tell: leaks, saw-teeth, pools and steps.
#include "harness/model/vocabulary/mechanisms.h"
#include "tests/judgement/diagnosed_subjects.h"

namespace walsoak::judgement::diagnosed {

std::vector<Subject> counted_subjects() {
  return {
      // Connections that pile up: the kernel alone cannot tell which, and says so.
      {"a leak of one a minute", [] { return connections(rising(20)); }, Standing::open, {}, kPile},
      {"a leak of two on each of six boards, as #29610",
       [] { return times(connections(rising(6, 2)), 6); },
       Standing::open,
       {},
       kPile},
      {"a slow leak",
       [] { return connections({3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7}); },
       Standing::open,
       {},
       kPile},
      {"the same in C",
       [] { return with_command(connections(rising(20)), "gateway"); },
       Standing::open,
       {},
       kPileOfC},
      {"a leak beside work",
       [] {
         return connections({1, 4, 1, 6, 3, 7, 4, 9, 6, 12, 9, 13, 10, 15, 12, 14, 13, 19});
       },
       Standing::open,
       {},
       kPile},
      {"a leak on one of three",
       [] { return beside(connections(rising(10)), connections(Numbers(10, 1))); },
       Standing::open,
       {},
       kPile},
      {"a rollback journal's leak",
       [] {
         std::vector<Json> boards;
         for (int i = 1; i <= 10; ++i) boards.push_back(rollback_database(i));
         return series(boards);
       },
       Standing::open,
       {},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"threads that pile up with their connections",
       [] { return with_threads(connections(rising(12)), rising(12, 1, 3)); },
       Standing::open,
       {},
       {"connection per thread", "unclosed connection", "deferred collection", "zombie connection"}},
      {"499 main and 498 -wal in one listing, as #30799",
       [] { return as_listing(series({with_main(499, 498)})); },
       Standing::open,
       {},
       kPile},
      {"six listings, 12 more each",
       [] { return as_listing(times(connections(rising(6, 1, 17)), 6)); },
       Standing::open,
       {},
       kPile},
      {"the limit is reached",
       [] { return with_limit(connections(rising(30, 2)), 134); },
       Standing::named,
       {"descriptor exhaustion"},
       kPile},
      {"main descriptors alone grow",
       [] {
         std::vector<Json> boards;
         for (int i = 1; i <= 10; ++i) boards.push_back(with_main(i, 1));
         return series(boards);
       },
       Standing::open,
       {},
       {kOtherMainDescriptors, "parked descriptors", "unclosed connection"}},

      // A collector, a pool, a start.
      {"a saw-tooth of 5", [] { return connections(teeth(4, 5)); }, Standing::named, {"deferred collection"}},
      {"a saw-tooth of 40",
       [] { return connections(teeth(6, 40)); },
       Standing::named,
       {"deferred collection"}},
      {"a saw-tooth here, main descriptors that grow there",
       [] {
         return beside(connections(teeth(4, 5)), [] {
           std::vector<Json> boards;
           for (int i = 1; i <= 24; ++i) boards.push_back(with_main(i, 1));
           return series(boards);
         }());
       },
       Standing::named,
       {"deferred collection"},
       {kOtherMainDescriptors, "parked descriptors", "unclosed connection"}},
      {"a saw-tooth here, the limit reached there",
       [] { return with_limit(beside(connections(teeth(4, 5)), connections(Numbers(24, 30))), 86); },
       Standing::named,
       {"descriptor exhaustion", "deferred collection"},
       kPile},
      {"a saw-tooth beside a pile on files that are named like databases",
       [] { return with_database_like(connections(teeth(4, 5)), rising(24)); },
       Standing::named,
       {"deferred collection"},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"a pool of 8 that is filled",
       [] {
         return connections({1, 2, 4, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8});
       },
       Standing::healthy,
       {}},
      {"a step at the start",
       [] {
         return connections({0, 6, 6, 6, 6, 6, 6, 6});
       },
       Standing::healthy,
       {}},
      {"a step in the middle",
       [] {
         return connections({2, 2, 2, 2, 9, 9, 9, 9, 9, 9});
       },
       Standing::healthy,
       {}},
      {"a burst that returns",
       [] {
         return connections({2, 2, 2, 19, 30, 22, 2, 2, 2, 2});
       },
       Standing::healthy,
       {}},
      {"a thread for each of 16 connections",
       [] {
         return with_threads(connections({1, 16, 16, 16, 16, 16}), Numbers(6, 17));
       },
       Standing::healthy,
       {}},
      {"one connection for an hour", [] { return connections(Numbers(60, 1)); }, Standing::healthy, {}},
      {"connections that close again",
       [] {
         return connections({5, 4, 3, 2, 1, 1, 1, 1});
       },
       Standing::healthy,
       {}},
      {"a database that is opened late",
       [] {
         return series({database(0), database(0), database(1), database(1), database(1)});
       },
       Standing::healthy,
       {}},
      {"a rollback journal at rest",
       [] { return throughout(10, rollback_database(2)); },
       Standing::healthy,
       {}},
      {"three samples in two seconds",
       [] {
         return every(connections({2, 2, 2}), 1);
       },
       Standing::healthy,
       {}},
      {"thousands of other files",
       [] { return with_limit(with_elsewhere(connections(Numbers(10, 1)), Numbers(10, 4000)), 65536); },
       Standing::healthy,
       {}},

      // Not SQLite's.
      {"a socket leak beside SQLite",
       [] { return with_elsewhere(connections(Numbers(12, 2)), rising(12, 9, 40)); },
       Standing::elsewhere,
       {kNotSqlite}},
      {"a socket leak without a database",
       [] {
         Watched none;
         none.samples.resize(12);
         none.elsewhere = rising(12, 9, 40);
         return none;
       },
       Standing::elsewhere,
       {},
       {kNotSqlite}},
      {"a rollback journal's leak that is found at the seventh sample",
       [] {
         Watched late;
         for (int i = 0; i < 13; ++i) {
           late.samples.emplace_back();
           late.elsewhere.push_back(i < 6 ? 13 + i : 12);
           if (i >= 6) late.samples.back()["db1"] = rollback_database(i + 1);
         }
         return late;
       },
       Standing::open,
       {},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"a rollback journal's connection on each of ever more databases",
       [] {
         Watched watched;
         for (int i = 1; i <= 12; ++i) {
           watched.samples.emplace_back();
           for (int n = 1; n <= i; ++n)
             watched.samples.back()["db" + std::to_string(n)] = rollback_database(1);
         }
         return watched;
       },
       Standing::open,
       {},
       {kNotSqlite, "unclosed connection"}},
      {"sockets come and go",
       [] {
         return with_elsewhere(connections(Numbers(10, 1)), {10, 60, 12, 90, 11, 70, 15, 40, 30, 12});
       },
       Standing::healthy,
       {}},
      {"no database at all",
       [] {
         Watched none;
         none.samples.resize(5);
         return none;
       },
       Standing::unknown,
       {}},
  };
}

}  // namespace walsoak::judgement::diagnosed
