// Subjects whose cause is known, and what is said of each: no wrong single name, and the right one where the
// kernel's ledger decides. Healthy ones that look suspicious are said to be healthy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/verdict/diagnosis.h"
#include "harness/verdict/remedies.h"
#include "tests/verdict/watched_subjects.h"

namespace walsoak::verdict::diagnosed {
namespace {

using testing::connections;
using testing::database;
using testing::Json;
using testing::Numbers;
using testing::rising;
using testing::rollback_database;
using testing::series;
using testing::throughout;
using testing::Watched;

using Names = std::vector<std::string>;

struct Subject {
  const char* name;
  Watched watched;
  Standing standing;
  Names named;      // those that are certain, harmless ones too, primary first
  Names open = {};  // the candidates of what is undecided and harms, in order of fit
};

const Names kPile = {"unclosed connection", "deferred collection", "zombie connection",
                     "connection per thread"};
const Names kPileOfC = {"unclosed connection", "zombie connection", "deferred collection",
                        "connection per thread"};

const Names kOverDatabases = {"connection per database", "unclosed connection", "deferred collection",
                              "zombie connection", "connection per thread"};

Watched with_command(Watched watched, const char* command) {
  watched.command = command;
  return watched;
}
Watched with_elsewhere(Watched watched, Numbers counts) {
  watched.elsewhere = std::move(counts);
  return watched;
}
Watched with_threads(Watched watched, Numbers counts) {
  watched.threads = std::move(counts);
  return watched;
}
Watched with_limit(Watched watched, std::int64_t limit) {
  watched.limit = limit;
  return watched;
}
Watched as_listing(Watched watched) {
  watched.listing = true;
  for (auto& sample : watched.samples) {
    for (auto& [name, board] : sample) {
      for (const char* key : {"lock_main_posix", "lock_main_ofd", "lock_shm_dms"}) board[key] = nullptr;
    }
  }
  return watched;
}
Watched every(Watched watched, double seconds) {
  watched.every_s = seconds;
  return watched;
}
// More databases, each like db1.
Watched times(Watched watched, int databases) {
  for (auto& sample : watched.samples) {
    const Json board = sample.at("db1");
    for (int i = 2; i <= databases; ++i) sample["db" + std::to_string(i)] = board;
  }
  return watched;
}
Watched beside(Watched watched, const Watched& other) {
  for (std::size_t i = 0; i < watched.samples.size(); ++i)
    watched.samples[i]["db2"] = other.samples[i].at("db1");
  return watched;
}

const Json kUnlocked = {{"lock_main_posix", 0}};
const Json kSplit = {{"lock_main_posix", 0}, {"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}};
const Json kRemoved = {{"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}};

Json with_main(std::int64_t main, std::int64_t wal) {
  return database(wal, {{"kernel_main", main}});
}
Json with_wal_bytes(std::int64_t bytes) {
  return database(2, {{"wal_bytes", bytes}});
}

Numbers teeth(int count, std::int64_t height) {
  Numbers values;
  for (int i = 0; i < count; ++i) {
    for (std::int64_t v = 0; v <= height; ++v) values.push_back(v);
  }
  return values;
}

Watched may_2026() {
  std::vector<Json> samples;
  for (int i = 0; i < 12; ++i) {
    Json values = {{"kernel_main", 2 + 2 * i}};
    if (i >= 2) values.update(kUnlocked);
    if (i >= 4) values.update(kSplit);
    samples.push_back(database(1 + 2 * i, values));
  }
  return series(samples);
}

std::vector<Json> churning(int samples) {
  std::vector<Json> boards;
  for (int inode = 0; inode < samples; ++inode) boards.push_back(database(0, {{"wal_inode", inode}}));
  return boards;
}

// A connection kept on each database, of which one more comes with each sample.
Watched more_databases(int samples) {
  Watched watched = connections(Numbers(static_cast<std::size_t>(samples), 1));
  for (int i = 0; i < samples; ++i) {
    for (int board = 2; board <= i + 1; ++board)
      watched.samples[static_cast<std::size_t>(i)]["db" + std::to_string(board)] = database(1);
  }
  return watched;
}

std::vector<Subject> subjects() {
  std::vector<Subject> all = {
      // Connections that pile up: the kernel alone cannot tell which, and says so.
      {"a leak of one a minute", connections(rising(20)), Standing::open, {}, kPile},
      {"a leak of two on each of six boards, as #29610",
       times(connections(rising(6, 2)), 6),
       Standing::open,
       {},
       kPile},
      {"a slow leak",
       connections({3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7}),
       Standing::open,
       {},
       kPile},
      {"the same in C", with_command(connections(rising(20)), "gateway"), Standing::open, {}, kPileOfC},
      {"a leak beside work",
       connections({1, 4, 1, 6, 3, 7, 4, 9, 6, 12, 9, 13, 10, 15, 12, 14, 13, 19}),
       Standing::open,
       {},
       kPile},
      {"a leak on one of three",
       beside(connections(rising(10)), connections(Numbers(10, 1))),
       Standing::open,
       {},
       kPile},
      {"a rollback journal's leak",
       [] {
         std::vector<Json> boards;
         for (int i = 1; i <= 10; ++i) boards.push_back(rollback_database(i));
         return series(boards);
       }(),
       Standing::open,
       {},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"threads that pile up with their connections",
       with_threads(connections(rising(12)), rising(12, 1, 3)),
       Standing::open,
       {},
       {"connection per thread", "unclosed connection", "deferred collection", "zombie connection"}},
      {"499 main and 498 -wal in one listing, as #30799",
       as_listing(series({with_main(499, 498)})),
       Standing::open,
       {},
       kPile},
      {"six listings, 12 more each",
       as_listing(times(connections(rising(6, 1, 17)), 6)),
       Standing::open,
       {},
       kPile},
      {"the limit is reached",
       with_limit(connections(rising(30, 2)), 134),
       Standing::named,
       {"descriptor exhaustion"},
       kPile},
      {"main descriptors alone grow",
       [] {
         std::vector<Json> boards;
         for (int i = 1; i <= 10; ++i) boards.push_back(with_main(i, 1));
         return series(boards);
       }(),
       Standing::open,
       {},
       {kOtherMainDescriptors, "parked descriptors", "unclosed connection"}},

      // A collector, a pool, a start.
      {"a saw-tooth of 5", connections(teeth(4, 5)), Standing::named, {"deferred collection"}},
      {"a saw-tooth of 40", connections(teeth(6, 40)), Standing::named, {"deferred collection"}},
      {"a pool of 8 that is filled",
       connections({1, 2, 4, 5, 7, 8, 8, 8, 8, 8, 8, 8, 8}),
       Standing::healthy,
       {}},
      {"a step at the start", connections({0, 6, 6, 6, 6, 6, 6, 6}), Standing::healthy, {}},
      {"a step in the middle", connections({2, 2, 2, 2, 9, 9, 9, 9, 9, 9}), Standing::healthy, {}},
      {"a burst that returns", connections({2, 2, 2, 19, 30, 22, 2, 2, 2, 2}), Standing::healthy, {}},
      {"a thread for each of 16 connections",
       with_threads(connections({1, 16, 16, 16, 16, 16}), Numbers(6, 17)),
       Standing::healthy,
       {}},
      {"one connection for an hour", connections(Numbers(60, 1)), Standing::healthy, {}},
      {"connections that close again", connections({5, 4, 3, 2, 1, 1, 1, 1}), Standing::healthy, {}},
      {"a database that is opened late",
       series({database(0), database(0), database(1), database(1), database(1)}),
       Standing::healthy,
       {}},
      {"a rollback journal at rest", throughout(10, rollback_database(2)), Standing::healthy, {}},
      {"three samples in two seconds", every(connections({2, 2, 2}), 1), Standing::healthy, {}},
      {"thousands of other files",
       with_limit(with_elsewhere(connections(Numbers(10, 1)), Numbers(10, 4000)), 65536),
       Standing::healthy,
       {}},

      // Not SQLite's.
      {"a socket leak beside SQLite",
       with_elsewhere(connections(Numbers(12, 2)), rising(12, 9, 40)),
       Standing::elsewhere,
       {kNotSqlite}},
      {"a socket leak without a database",
       [] {
         Watched none;
         none.samples.resize(12);
         none.elsewhere = rising(12, 9, 40);
         return none;
       }(),
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
       }(),
       Standing::open,
       {},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"sockets come and go",
       with_elsewhere(connections(Numbers(10, 1)), {10, 60, 12, 90, 11, 70, 15, 40, 30, 12}),
       Standing::healthy,
       {}},
      {"no database at all",
       [] {
         Watched none;
         none.samples.resize(5);
         return none;
       }(),
       Standing::unknown,
       {}},

      // Locks and files.
      {"a lost lock", connections(Numbers(5, 1), kUnlocked), Standing::named, {"lock lost"}},
      {"a lost lock on three of many",
       times(connections(Numbers(4, 2), kUnlocked), 3),
       Standing::named,
       {"lock lost"}},
      {"a lock lost half-way",
       series({database(1), database(1), database(1, kUnlocked), database(1, kUnlocked)}),
       Standing::named,
       {"lock lost"}},
      {"a lock that was away for one sample",
       series({database(1), database(1, kUnlocked), database(1), database(1)}),
       Standing::healthy,
       {}},
      {"a lock that is away at the last sample",
       series({database(1), database(1), database(1, kUnlocked)}),
       Standing::open,
       {},
       {"lock lost"}},
      {"a lock guard",
       throughout(5, database(1, {{"kernel_main", 2}, {"lock_main_posix", 0}, {"lock_main_ofd", 1}})),
       Standing::healthy,
       {}},
      {"a split generation",
       series({database(1), database(1, kUnlocked), database(1, kSplit), database(1, kSplit)}),
       Standing::named,
       {"split generation", "lock lost"}},
      {"the same, seen late",
       throughout(4, database(3, kSplit)),
       Standing::named,
       {"split generation", "lock lost"}},
      {"sidecars that somebody removed",
       series({database(1), database(1, kRemoved), database(1, kRemoved)}),
       Standing::named,
       {kSidecarsRemoved}},
      {"deleted sidecars in a listing",
       as_listing(throughout(1, database(1, kRemoved))),
       Standing::open,
       {},
       {"split generation", kSidecarsRemoved}},
      {"a restore by rename",
       series(
           {database(1),
            database(1, {{"kernel_main_deleted", 1}, {"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}}),
            database(1, {{"kernel_main_deleted", 1}, {"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}})}),
       Standing::named,
       {"replaced board"}},
      {"a main that was moved away",
       throughout(4, database(2, {{"kernel_main_replaced", 2}})),
       Standing::named,
       {"replaced board"}},
      {"two copies of SQLite",
       throughout(4, database(2, {{"kernel_shm", 2}})),
       Standing::named,
       {kSecondCopy}},

      // The -wal.
      {"a reader that stays",
       series({with_wal_bytes(4000000), with_wal_bytes(9000000), with_wal_bytes(14000000),
               with_wal_bytes(19000000), with_wal_bytes(24000000)}),
       Standing::named,
       {"checkpoint starvation"}},
      {"a -wal within its bounds",
       series({with_wal_bytes(400000), with_wal_bytes(2000000), with_wal_bytes(4100000)}),
       Standing::healthy,
       {}},
      {"one large transaction",
       series({with_wal_bytes(4000), with_wal_bytes(90000000), with_wal_bytes(90000000),
               with_wal_bytes(90000000)}),
       Standing::healthy,
       {}},
      {"sidecars that come and go", series(churning(8)), Standing::healthy, {"sidecar churn"}},

      // Parked descriptors.
      {"parked after a burst",
       series({with_main(1, 1), with_main(9, 9), with_main(9, 1), with_main(9, 1)}),
       Standing::healthy,
       {"parked descriptors"}},
      {"20 main and 12 -wal with 19 threads, as #98573",
       with_threads(throughout(4, with_main(20, 12)), Numbers(4, 19)),
       Standing::healthy,
       {}},

      // Several at once.
      {"a connection on each of ever more databases", more_databases(20), Standing::open, {}, kOverDatabases},
      {"the same in three samples", every(more_databases(3), 1), Standing::open, {}, kOverDatabases},
      {"six boards opened one after another",
       beside(connections({0, 1, 1, 1, 1, 1, 1, 1, 1, 1}), connections({0, 0, 1, 1, 1, 1, 1, 1, 1, 1})),
       Standing::healthy,
       {}},
      {"a leak that was stopped by the limit",
       with_limit(connections({3, 5, 7, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}), 33),
       Standing::named,
       {"descriptor exhaustion"},
       kPile},
      {"two leaks that were stopped by the limit",
       with_limit(with_elsewhere(connections({3, 5, 7, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}),
                                 {12, 36, 60, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80, 80}),
                  101),
       Standing::named,
       {"descriptor exhaustion"},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kNotSqlite}},
      {"the limit was reached before the first sample",
       with_limit(connections(Numbers(6, 30)), 74),
       Standing::named,
       {"descriptor exhaustion"},
       kPile},
      {"the limit is reached by sockets",
       with_limit(with_elsewhere(connections(Numbers(6, 1)), Numbers(6, 1020)), 1024),
       Standing::named,
       {"descriptor exhaustion"}},
      {"a pool of 40 at a glance", every(connections(Numbers(3, 40)), 1), Standing::open, {}, kPile},
      {"a pool of 40 for two hours", connections(Numbers(120, 40)), Standing::healthy, {}},
      {"70 descriptors on one file in a listing",
       as_listing(throughout(1, rollback_database(70))),
       Standing::open,
       {},
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        kOtherMainDescriptors}},
      {"70 main and one -wal in a listing",
       as_listing(throughout(1, with_main(70, 1))),
       Standing::open,
       {},
       {kOtherMainDescriptors, "parked descriptors", "unclosed connection"}},
      {"a -wal that is opened raw and stays open",
       series({with_main(1, 2), with_main(1, 4), with_main(1, 6), with_main(1, 8), with_main(1, 10),
               with_main(1, 12), with_main(1, 14)}),
       Standing::named,
       {kOtherWalDescriptors}},
      {"main grows while the -wal ones are closed",
       every(series({with_main(9, 9), with_main(11, 11), with_main(13, 2)}), 1),
       Standing::open,
       {},
       {"parked descriptors", kOtherMainDescriptors, "unclosed connection"}},
      {"a lost lock on the -shm",
       connections(Numbers(5, 1), {{"lock_shm_dms", 0}}),
       Standing::named,
       {kIndexLockLost}},
      {"exclusive locking mode, without a -shm",
       connections(Numbers(5, 1), {{"kernel_shm", 0}, {"lock_shm_dms", 0}}),
       Standing::healthy,
       {}},
      {"two -shm in one listing",
       as_listing(throughout(1, database(2, {{"kernel_shm", 2}}))),
       Standing::open,
       {},
       {kSecondCopy}},
      {"May 2026", may_2026(), Standing::named, {"split generation", "lock lost"}, kPile},
      {"a leak here, a lost lock there",
       beside(connections(rising(8)), connections(Numbers(8, 1), kUnlocked)),
       Standing::named,
       {"lock lost"},
       kPile},
  };
  return all;
}

class DiagnosisTable : public ::testing::TestWithParam<Subject> {};

TEST_P(DiagnosisTable, NamesWhatIsDecidableAndNothingElse) {
  const Subject& subject = GetParam();
  const Diagnosis diagnosis = diagnose(testing::evidence_of(subject.watched));
  Names open;
  for (const Question& question : diagnosis.questions) {
    if (question.harmless || question.candidates.front().certain) continue;
    for (const Candidate& candidate : question.candidates) open.push_back(candidate.name);
  }
  EXPECT_EQ(diagnosis.standing, subject.standing) << diagnosis.to_json().dump(1);
  EXPECT_EQ(diagnosis.named, subject.named) << diagnosis.to_json().dump(1);
  EXPECT_EQ(open, subject.open) << diagnosis.to_json().dump(1);
}

TEST_P(DiagnosisTable, JudgesEachMechanismOnceAndSaysWhatRulesItOut) {
  const Diagnosis diagnosis = diagnose(testing::evidence_of(GetParam().watched));
  for (const Line& line : diagnosis.ruled_out) {
    EXPECT_NE(line.text, "") << line.name;
    EXPECT_THAT(diagnosis.named, ::testing::Not(::testing::Contains(line.name)));
  }
  if (GetParam().watched.samples.empty()) return;
  for (const char* name :
       {"unclosed connection", "deferred collection", "zombie connection", "connection per thread",
        "parked descriptors", "lock lost", "split generation", "stale checkpoint", "checkpoint starvation",
        "descriptor exhaustion", "replaced board", "sidecar churn"}) {
    int judged = 0;
    for (const Line& line : diagnosis.ruled_out) judged += line.name == name;
    for (const Line& line : diagnosis.not_told) judged += line.name == name;
    bool asked = false;
    for (const Question& question : diagnosis.questions) {
      for (const Candidate& candidate : question.candidates) asked = asked || candidate.name == name;
    }
    EXPECT_EQ(judged + asked, 1) << name << "\n" << diagnosis.to_json().dump(1);
  }
}

INSTANTIATE_TEST_SUITE_P(Subjects, DiagnosisTable, ::testing::ValuesIn(subjects()), [](const auto& subject) {
  std::string name;
  for (const char* at = subject.param.name; *at != 0; ++at) {
    if (std::isalnum(static_cast<unsigned char>(*at))) name += *at;
  }
  return name;
});

void PrintTo(const Subject& subject, std::ostream* out) {
  *out << subject.name;
}

}  // namespace
}  // namespace walsoak::verdict::diagnosed
