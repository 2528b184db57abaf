#include "harness/judgement/diagnosis/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement/diagnosis/diagnosis_case.h"
#include "harness/model/vocabulary/mechanisms.h"
#include "tests/facts/builders.h"
#include "tests/judgement/watched_subjects.h"
#include "tests/os/sanitized.h"

namespace walsoak::judgement::diagnosed {
namespace {

using testing::connections;
using ::testing::Contains;
using testing::database;
using testing::evidence_of;
using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::Numbers;
using testing::rising;
using testing::Watched;

Diagnosis of(const Watched& watched) {
  return diagnose(evidence_of(watched));
}

TEST(Diagnosis, APoolThatBreathesIsNeverNamedAndSeldomOpen) {
  WALSOAK_SKIP_STATISTICS_IF_SANITIZED();
  int all = 0, open = 0;
  for (const int samples : {6, 9, 15, 30, 60, 200}) {
    for (const double coefficient : {0.0, 0.5, 0.9}) {
      for (unsigned seed = 1; seed <= 15; ++seed) {
        Watched watched = connections(testing::pool(seed, samples, 8, 2, coefficient));
        watched.command = "gateway";  // in which no collector frees dropped connections
        const Diagnosis diagnosis = of(watched);
        EXPECT_THAT(diagnosis.named, Not(Contains("unclosed connection")));
        ++all;
        open += diagnosis.standing != Standing::healthy;
      }
    }
  }
  // What is open asks for more samples; few may be.
  EXPECT_LE(open, all / 20) << open << " of " << all;
}

TEST(Diagnosis, WhatComesAndGoesInAProgramWithACollectorIsNeitherHealthyNorRuledOut) {
  const auto judged = [](std::int64_t threads, const char* command) {
    Watched watched = connections({1, 6, 3, 8, 2, 7, 4, 1, 6, 3, 8, 5});
    watched.threads = Numbers(12, threads);
    watched.command = command;
    return of(watched);
  };
  const auto ruled_out = [](const Diagnosis& diagnosis) {
    std::vector<std::string> names;
    for (const Line& line : diagnosis.ruled_out) names.push_back(line.name);
    return names;
  };
  EXPECT_EQ(judged(1, "python3").standing, Standing::open) << "more than one thread can use";
  EXPECT_EQ(judged(1, "python3").named, std::vector<std::string>{});
  EXPECT_EQ(judged(16, "python3").standing, Standing::unknown);
  EXPECT_EQ(judged(16, "gateway").standing, Standing::healthy);
  Watched glance = connections({3, 8, 1});
  EXPECT_EQ(of(glance).standing, Standing::unknown) << "a tooth, or a burst that returned";
  EXPECT_EQ(of(connections({1, 9, 1, 1})).standing, Standing::healthy) << "it returned and stayed so";
  for (const char* command : {"python3", "gateway"}) {
    for (const char* name : {"unclosed connection", "deferred collection"})
      EXPECT_THAT(ruled_out(judged(16, command)), Not(Contains(name))) << command;
  }
}

// The line about the WAL-reset bug for a healthy process with these libraries: "not told: ..." or "ruled out:
// ...".
std::string wal_reset(const Json& libraries) {
  facts::ProcessHistory evidence = evidence_of(connections(Numbers(5, 1)));
  if (!libraries.is_null()) {
    evidence.accept(
        {{"type", "event"}, {"event", "sqlite"}, {"tick", 0}, {"t_us", 0}, {"libraries", libraries}});
  }
  const Diagnosis diagnosis = diagnose(evidence);
  EXPECT_EQ(diagnosis.standing, Standing::healthy) << "a version alone accuses nobody";
  std::string said;
  for (const Line& line : diagnosis.not_told) {
    if (line.name == kWalReset) said += "not told: " + line.text;
  }
  for (const Line& line : diagnosis.ruled_out) {
    if (line.name == kWalReset) said += "ruled out: " + line.text;
  }
  return said;
}

TEST(Diagnosis, TheWalResetBugIsPossibleByVersionAndNeverSeen) {
  const auto loaded = [](const char* version, const char* file = "libsqlite3.so.0") {
    return Json{{"file", file}, {"version", version}};
  };
  EXPECT_THAT(
      wal_reset(Json::array({loaded("3.40.1")})),
      ::testing::StartsWith("not told: possible, and nothing that can be seen from outside shows it: SQLite "
                            "3.40.1 (libsqlite3.so.0) has the bug"));
  EXPECT_THAT(wal_reset(Json::array({loaded("3.51.3")})),
              ::testing::StartsWith(
                  "not told: not by what is seen: SQLite 3.51.3 (libsqlite3.so.0) does not have the bug"));
  EXPECT_THAT(wal_reset(Json::array({loaded("3.50.7"), loaded("3.51.2", "better.node")})),
              HasSubstr("SQLite 3.51.2 (better.node) has the bug"));
  EXPECT_THAT(wal_reset(Json::array({loaded("..")})), ::testing::StartsWith("not told: the version"));
  EXPECT_THAT(wal_reset(Json::array()),
              ::testing::StartsWith("not told: the version of the process's SQLite"));
  EXPECT_EQ(wal_reset(nullptr), "") << "a listing, or a stream of before: nobody looked";
}

TEST(Diagnosis, TimeLeftStandsOnlyWhereATrendIsEstablished) {
  const auto left = of(connections(rising(20))).time_left;
  ASSERT_TRUE(left);
  // 12 others, 20 connections of two descriptors and a -shm; two more a minute.
  EXPECT_DOUBLE_EQ(left->samples, (1024 - 53 - 3) / 2.0);
  ASSERT_TRUE(left->seconds);
  EXPECT_NEAR(*left->seconds, 60 * left->samples, 1e-6);
  EXPECT_THAT(left->numbers, HasSubstr("53 of 1024 descriptors, +2 a minute"));
  EXPECT_FALSE(of(connections({1, 2, 3})).time_left);
  EXPECT_FALSE(of(connections(Numbers(20, 3))).time_left);
}

TEST(Diagnosis, SamplesThatWereAskedForHaveNoPace) {
  Watched watched = connections(rising(10));
  watched.listing = true;
  EXPECT_FALSE(of(watched).time_left);  // a listing has no limit
}

TEST(Diagnosis, LoudSamplesTellGrowthAndNeitherLocksNorFiles) {
  Watched watched = connections(rising(10), {{"lock_main_posix", 0}});
  watched.quiet = false;
  const Diagnosis diagnosis = of(watched);
  EXPECT_EQ(diagnosis.standing, Standing::open);
  EXPECT_EQ(diagnosis.named.size(), 0u);
  EXPECT_TRUE(std::any_of(diagnosis.not_told.begin(), diagnosis.not_told.end(),
                          [](const Line& line) { return line.name == "lock lost"; }));
}

TEST(Diagnosis, ALockThatCannotBeReadIsNotToldAndTheNextCommandReadsIt) {
  const Diagnosis diagnosis =
      of(connections(Numbers(5, 1), {{"lock_main_posix", nullptr}, {"lock_main_ofd", nullptr}}));
  EXPECT_THAT(diagnosis.named, Not(Contains("lock lost")));
  EXPECT_THAT(diagnosis.next_why, HasSubstr("root"));
}

TEST(Diagnosis, ALostLockWithoutTheLockOnTheShmSaysThatNewerVersionsDoNotSpareItEither) {
  const auto evidence = [](const Diagnosis& diagnosis) {
    return diagnosis.questions.front().candidates.front().evidence;
  };
  const Json unlocked = {{"lock_main_posix", 0}};
  EXPECT_THAT(evidence(of(connections(Numbers(4, 1), unlocked))), Not(HasSubstr("3.51.0")));
  EXPECT_THAT(evidence(of(connections(Numbers(4, 1), {{"lock_main_posix", 0}, {"lock_shm_dms", 0}}))),
              HasSubstr("SQLite 3.51.0 and later would not spare"));
}

TEST(Diagnosis, TheNextCommandIsForThisProcessAndProgram) {
  const Diagnosis early =
      diagnose(evidence_of(connections({1, 2, 3})), {.program = "walsoak-watch", .pid = "4711"});
  EXPECT_THAT(early.next_command, HasSubstr("walsoak-watch watch --pid 4711"));
  EXPECT_EQ(of(connections(rising(20))).next_command, "walsoak trace -- COMMAND");
  EXPECT_EQ(of(connections(Numbers(4, 1), {{"lock_main_posix", 0}})).next_command,
            "walsoak trace -- COMMAND");
}

TEST(Diagnosis, AChainIsOneStory) {
  EXPECT_THAT(of(connections(Numbers(3, 1), {{"lock_main_posix", 0}, {"kernel_wal_deleted", 1}})).verdict,
              HasSubstr("One story: lock lost, which led to split generation."));
}

TEST(Diagnosis, AStreamWithoutSamplesIsUnknown) {
  EXPECT_EQ(of({}).standing, Standing::unknown);
  EXPECT_EQ(diagnose(facts::ProcessHistory()).standing, Standing::unknown);
}

// Of walsoak's own cells: the ledgers decide.
Diagnosis of_cell(const std::function<Json(std::int64_t)>& at, const Json& settings = Json::object()) {
  facts::ProcessHistory evidence;
  evidence.accept(testing::header(1, settings));
  for (std::int64_t tick = 0; tick < 12; ++tick) {
    evidence.accept(testing::pass(tick));
    evidence.accept(testing::sample(tick, {at(tick)}));
  }
  for (const Json& line : testing::healthy_end()) evidence.accept(line);
  evidence.accept(testing::end());
  return diagnose(evidence);
}

TEST(Diagnosis, WithAllLedgersAPileHasOneName) {
  EXPECT_EQ(of_cell([](std::int64_t tick) { return testing::board(1 + tick); }).named,
            (std::vector<std::string>{"unclosed connection"}));
  const auto zombie = [](const Json& vfs) {
    return [vfs](std::int64_t tick) {
      Json values = {{"api_open", 0}};
      if (!vfs.is_null()) values.update(vfs);
      return testing::board(1 + tick, values);
    };
  };
  EXPECT_EQ(of_cell(zombie(Json())).named, (std::vector<std::string>{"zombie connection"}));
}

TEST(Diagnosis, OfACellWhoseLockWasHeldThroughoutDeletedSidecarsWereRemoved) {
  const auto removed = [](std::int64_t lock) {
    return of_cell([lock](std::int64_t tick) {
      Json values = {{"lock_main_posix", tick < 5 ? 1 : lock}};
      if (tick >= 6) values.update({{"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}});
      return testing::board(1, values);
    });
  };
  EXPECT_THAT(removed(1).named, Contains(kSidecarsRemoved));
  EXPECT_THAT(removed(1).named, Not(Contains(kLockLost)));
  EXPECT_THAT(removed(1).to_json().dump(), Not(HasSubstr("lost lock that led")));
  EXPECT_THAT(removed(0).named, Contains(kLockLost));
  EXPECT_THAT(removed(0).named, Not(Contains(kSidecarsRemoved)));
}

TEST(Diagnosis, OfACellWhoseMainFileBecameShorterNothingSaysThatItIsTheSame) {
  const Diagnosis diagnosis = of_cell([](std::int64_t tick) {
    return testing::board(1,
                          {{"main_bytes", tick < 6 ? 90000 : 4096}, {"wal_bytes", 8272}, {"wal_inode", 3}});
  });
  EXPECT_TRUE(std::none_of(diagnosis.ruled_out.begin(), diagnosis.ruled_out.end(),
                           [](const Line& line) { return line.name == kReplacedBoard; }));
  EXPECT_EQ(diagnosis.standing, Standing::open);
  EXPECT_EQ(diagnosis.questions.front().candidates.front().name, kOverwrittenMain);
}

TEST(Diagnosis, WithoutTheVfsLedgerAZombieIsNamedByWhatTheOthersExclude) {
  Json none;
  for (const char* key :
       {"vfs_main", "vfs_main_peak", "vfs_main_opens", "vfs_wal", "vfs_wal_opens", "vfs_shm"})
    none[key] = nullptr;
  Json closed = none;
  closed["api_open"] = 0;
  const Diagnosis zombie = of_cell([&](std::int64_t tick) { return testing::board(1 + tick, closed); });
  EXPECT_EQ(zombie.named, (std::vector<std::string>{"zombie connection"}));
  const Diagnosis unclosed = of_cell([&](std::int64_t tick) { return testing::board(1 + tick, none); });
  EXPECT_EQ(unclosed.named, (std::vector<std::string>{"unclosed connection"}));
}

TEST(Diagnosis, EveryMechanismHasItsTextInOnePlace) {
  for (const char* name :
       {"unclosed connection", "deferred collection", "zombie connection", "parked descriptors",
        "connection per thread", "lock lost", "split generation", "stale checkpoint", "checkpoint starvation",
        "descriptor exhaustion", "replaced board", "sidecar churn", kSidecarsRemoved, kOtherMainDescriptors,
        kOtherWalDescriptors, kPerDatabase, kIndexLockLost, kSecondCopy, kNotSqlite}) {
    const MechanismInfo& remedy = mechanism_info(name);
    EXPECT_NE(remedy.meaning, "") << name;
    EXPECT_FALSE(remedy.cures.empty()) << name;
    EXPECT_FALSE(remedy.no_cures.empty()) << name;
  }
}

TEST(Diagnosis, DatabasesOfWhichTheSameIsToBeSaidShareALine) {
  testing::Watched watched = testing::connections(testing::Numbers(6, 1));
  for (auto& sample : watched.samples) {
    for (int i = 2; i <= 60; ++i) sample["db" + std::to_string(i)] = sample.at("db1");
  }
  const Diagnosis diagnosis = diagnose(testing::evidence_of(watched));
  EXPECT_THAT(diagnosis.seen, ::testing::Contains(HasSubstr("db1, db2, db3, db4 and 56 more: main 1")));
  EXPECT_LT(diagnosis.seen.size(), 4);
}

TEST(Diagnosis, SaysNothingOfLocksThatAListingDoesNotShow) {
  testing::Watched watched = testing::throughout(3, testing::rollback_database(1));
  const Diagnosis listed =
      diagnose(testing::evidence_of(watched), {.program = "walsoak", .pid = "7", .listing = true});
  EXPECT_THAT(listed.verdict,
              ::testing::AllOf(HasSubstr("locks could not be read"), Not(HasSubstr("no lock is lost"))));
  EXPECT_THAT(diagnose(testing::evidence_of(watched)).verdict, HasSubstr("no lock is lost"));
}

TEST(Diagnosis, APeekThatFoundNothingIsNotAskedForAgain) {
  for (const bool peek : {false, true}) {
    facts::ProcessHistory evidence;
    evidence.accept({{"type", "header"}, {"settings", {{"mode", "watch"}, {"every_s", 1}, {"peek", peek}}}});
    for (int tick = 0; tick < 3; ++tick) {
      evidence.accept({{"type", "sample"},
                       {"tick", tick},
                       {"t_us", tick * 1000000},
                       {"quiet", true},
                       {"boards", nlohmann::ordered_json::object()},
                       {"process", {{"descriptors", 5}, {"descriptor_limit", 1024}, {"threads", 1}}}});
    }
    const Diagnosis diagnosis = diagnose(evidence);
    EXPECT_EQ(diagnosis.standing, Standing::unknown);
    EXPECT_EQ(diagnosis.next_command.find("--peek") != std::string::npos, !peek) << diagnosis.next_command;
  }
}

TEST(Diagnosis, PathsStandInItOnlyWhereTheyAreAskedFor) {
  facts::ProcessHistory evidence;
  evidence.accept(
      {{"type", "header"},
       {"settings", {{"mode", "watch"}, {"every_s", 1}}},
       {"subject", {{"command", "python3"}, {"pid", 7}, {"arguments", {"gateway.py", "--token"}}}},
       {"boards", {{{"name", "db1"}, {"path", "/home/kim/secret.db"}}}}});
  EXPECT_THAT(case_json("w01", evidence, {}, Paths::left_out).dump(),
              Not(::testing::AnyOf(HasSubstr("secret"), HasSubstr("token"))));
  const std::string shown = case_json("w01", evidence, {}, Paths::shown).dump();
  EXPECT_THAT(shown, ::testing::AllOf(HasSubstr("/home/kim/secret.db"), HasSubstr("--token")));
}

}  // namespace
}  // namespace walsoak::judgement::diagnosed
