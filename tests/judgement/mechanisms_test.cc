// Each mechanism from the series that shows it, from one that does not, and from one that cannot tell.
#include "harness/judgement/mechanism/mechanisms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement/finding/metrics.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::check;
using testing::end;
using testing::facts_of;
using ::testing::HasSubstr;
using testing::header;
using testing::Json;
using testing::pass;
using testing::rows;
using testing::sample;
using testing::series_facts;
using testing::sound;
using testing::unreadable;

const Json kNoVfs = {{"vfs_main", nullptr},
                     {"vfs_main_peak", nullptr},
                     {"vfs_wal", nullptr},
                     {"vfs_shm", nullptr},
                     {"vfs_wal_unlinks_in_scope", nullptr}};

facts::SampleSeries series_of(int ticks, const std::function<Json(std::int64_t)>& at,
                              const Json& settings = Json::object()) {
  return series_facts(ticks, at, settings).series();
}

facts::BoardWatch watch_of(const std::vector<Json>& boards) {
  facts::BoardWatch watch;
  for (std::size_t i = 0; i < boards.size(); ++i) {
    watch.accept(facts::Sample::from_json(sample(static_cast<std::int64_t>(i), {boards[i]})));
  }
  return watch;
}

TEST(UnclosedConnectionTest, ApiAndKernelGrowTogether) {
  const Judgement judgement =
      unclosed_connection(series_of(4, [](std::int64_t tick) { return board(1 + tick); }));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "after warm-up: api_open +3, kernel_main +3, kernel_wal +3");
}

TEST(UnclosedConnectionTest, WithARollbackJournalTheMainFileGrows) {
  const auto at = [](std::int64_t tick) {
    return board(1 + tick, {{"kernel_wal", 0}, {"vfs_wal", 0}, {"kernel_shm", 0}, {"vfs_shm", 0}});
  };
  EXPECT_EQ(unclosed_connection(series_of(4, at)).presence, Presence::yes);
}

TEST(UnclosedConnectionTest, FlatOrUnknown) {
  EXPECT_EQ(unclosed_connection(series_of(4, [](std::int64_t) { return board(3); })).presence, Presence::no);
  EXPECT_EQ(unclosed_connection(series_of(4,
                                          [](std::int64_t t) {
                                            return board(t, {{"api_open", nullptr}});
                                          }))
                .presence,
            Presence::unknown);
}

TEST(DeferredCollectionTest, ASawToothBetweenCollections) {
  const auto at = [](std::int64_t tick) { return board((tick + 1) % 5); };
  const Judgement judgement = deferred_collection(series_of(20, at, {{"collector_every", 5}}));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "4 connections open between two collections, 0 after one (every 5 ticks)");
}

TEST(DeferredCollectionTest, NotWithoutASawToothOrACollector) {
  const auto flat = [](std::int64_t) { return board(2); };
  EXPECT_EQ(deferred_collection(series_of(20, flat, {{"collector_every", 5}})).presence, Presence::no);
  EXPECT_EQ(deferred_collection(series_of(20, flat)).presence, Presence::no);
  EXPECT_EQ(deferred_collection(series_of(3, flat, {{"collector_every", 5}})).presence, Presence::unknown);
}

TEST(ZombieConnectionTest, TheApiIsFlatWhileVfsAndKernelGrow) {
  const Judgement judgement = zombie_connection(series_of(4, [](std::int64_t tick) {
    return board(2 + tick, {{"api_open", 2}});
  }));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "after warm-up: api_open +0, vfs_main +3, kernel_wal +3");
}

TEST(ZombieConnectionTest, NotWhereTheApiGrowsAlike) {
  EXPECT_EQ(zombie_connection(series_of(4, [](std::int64_t tick) { return board(tick); })).presence,
            Presence::no);
}

TEST(ZombieConnectionTest, NeedsTheVfsLedger) {
  EXPECT_EQ(zombie_connection(series_of(4, [](std::int64_t) { return board(1, kNoVfs); })).presence,
            Presence::unknown);
}

TEST(ParkedDescriptorsTest, MainAboveWhatIsOpenWithinThePeak) {
  const Judgement judgement = parked_descriptors(series_of(4, [](std::int64_t) {
    return board(1, {{"kernel_main", 3}, {"vfs_main_peak", 3}});
  }));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "kernel_main 3 at tick 3, of which 2 parked (open: 1); kernel_wal 1");
}

TEST(ParkedDescriptorsTest, NotWhereNothingIsOpenOrNothingIsBeyond) {
  EXPECT_EQ(parked_descriptors(series_of(4,
                                         [](std::int64_t) {
                                           return board(0, {{"kernel_main", 2}});
                                         }))
                .presence,
            Presence::no);
  EXPECT_EQ(parked_descriptors(series_of(4, [](std::int64_t) { return board(2); })).presence, Presence::no);
}

TEST(ParkedDescriptorsTest, WithoutTheVfsLedgerOnlyWhereTheyDoNotGrow) {
  const auto at = [](std::int64_t opened, std::int64_t surplus) {
    return [opened, surplus](std::int64_t tick) {
      Json values = kNoVfs;
      values["kernel_main"] = 3 + (opened + surplus) * tick;
      return board(1 + opened * tick, values);
    };
  };
  EXPECT_EQ(parked_descriptors(series_of(4, at(0, 0))).presence, Presence::yes);
  EXPECT_EQ(parked_descriptors(series_of(4, at(1, 0))).presence, Presence::yes) << "a leak beside them";
  EXPECT_EQ(parked_descriptors(series_of(4, at(0, 1))).presence, Presence::unknown);
}

TEST(LockLostTest, AWalIsHeldWithoutALock) {
  const Judgement judgement = lock_lost(watch_of({board(1), board(1), board(1, {{"lock_main_posix", 0}})}));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "b01: first at tick 2: 1 -wal held, 0 locks on the main file");
}

TEST(LockLostTest, EitherKindOfLockWillDo) {
  EXPECT_EQ(lock_lost(watch_of({board(1, {{"lock_main_posix", 0}, {"lock_main_ofd", 1}})})).presence,
            Presence::no);
  EXPECT_EQ(lock_lost(watch_of({board(0)})).presence, Presence::no);
}

TEST(LockLostTest, LocksThatWereNotReadAreUnknownUntilOneIsSeenLost) {
  const Json unread = board(1, {{"lock_main_posix", 0}, {"lock_main_ofd", nullptr}});
  EXPECT_EQ(lock_lost(watch_of({board(1), unread})).presence, Presence::unknown);
  EXPECT_EQ(lock_lost(watch_of({unread, board(1, {{"lock_main_posix", 0}})})).presence, Presence::yes);
  EXPECT_EQ(lock_lost(facts::BoardWatch()).presence, Presence::unknown);
}

TEST(ReplacedBoardTest, ADeletedMainOrAnotherInode) {
  EXPECT_EQ(replaced_board(watch_of({board(1, {{"kernel_main_deleted", 1}})})).presence, Presence::yes);
  EXPECT_EQ(replaced_board(watch_of({board(1, {{"kernel_main_replaced", 1}})})).presence, Presence::yes);
  EXPECT_EQ(replaced_board(watch_of({board(1)})).presence, Presence::no);
  EXPECT_EQ(replaced_board(watch_of({board(1, {{"kernel_main_deleted", nullptr}})})).presence,
            Presence::unknown);
}

// A split: deleted sidecars held beside the live main from tick 1 on, and an end that a test chooses.
facts::CellFacts split_facts(const Json& inside, const Json& outside, const Json& final_copy,
                             const Json& held) {
  return facts_of({header(1), pass(0), sample(0, {board(1)}), pass(1), sample(1, {board(1, held)}),
                   check("inside", {inside}), check("outside", {outside}),
                   check("acknowledged", {rows("b01", 40)}), check("final", {final_copy}), end()});
}
const Json kDeletedSidecars = {{"kernel_wal_deleted", 1}, {"kernel_shm_deleted", 1}, {"lock_main_posix", 0}};

TEST(SplitGenerationTest, RowsInsideDifferFromRowsOutside) {
  const Judgement judgement =
      split_generation(split_facts(rows("b01", 40), rows("b01", 12), sound("b01", 12), kDeletedSidecars));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence,
            "b01: from tick 1: 1 -wal (deleted) and 1 -shm (deleted) held beside 1 live main; 28 rows are "
            "seen inside "
            "alone, 0 outside alone");
}

TEST(SplitGenerationTest, OneOfTheDeletedSidecarsIsEnough) {
  for (const char* key : {"kernel_wal_deleted", "kernel_shm_deleted"}) {
    EXPECT_EQ(split_generation(split_facts(rows("b01", 40), rows("b01", 12), sound("b01", 12),
                                           {{key, 1}, {"lock_main_posix", 0}}))
                  .presence,
              Presence::yes)
        << key;
  }
}

TEST(SplitGenerationTest, InsideCannotBeReadWhileOutsideCan) {
  const Judgement judgement = split_generation(split_facts(
      unreadable("b01", 522, "disk I/O error"), rows("b01", 40), sound("b01", 40), kDeletedSidecars));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_THAT(judgement.evidence, HasSubstr("inside cannot be read (522 disk I/O error), outside can"));
}

TEST(SplitGenerationTest, TheSameRowsOnBothSidesAreNoSplit) {
  EXPECT_EQ(
      split_generation(split_facts(rows("b01", 40), rows("b01", 40), sound("b01", 40), kDeletedSidecars))
          .presence,
      Presence::no);
}

TEST(SplitGenerationTest, OtherRowsWithoutDeletedSidecarsAreNoSplit) {
  EXPECT_EQ(split_generation(split_facts(rows("b01", 40), rows("b01", 12), sound("b01", 12), Json::object()))
                .presence,
            Presence::no);
}

TEST(SplitGenerationTest, AReplacedMainIsNoSplit) {
  Json replaced = kDeletedSidecars;
  replaced["kernel_main_deleted"] = 1;
  EXPECT_EQ(
      split_generation(split_facts(rows("b01", 40), rows("b01", 12), sound("b01", 12), replaced)).presence,
      Presence::no);
}

TEST(SplitGenerationTest, WhereNobodyCouldLookItIsUnknown) {
  const Json not_looked = {{"board", "b01"}, {"ok", true}, {"looked", false}};
  EXPECT_EQ(
      split_generation(split_facts(not_looked, rows("b01", 40), sound("b01", 40), kDeletedSidecars)).presence,
      Presence::unknown);
}

TEST(StaleCheckpointTest, TheFinalCopyLacksWhatOutsideSaw) {
  const Judgement judgement =
      stale_checkpoint(split_facts(rows("b01", 40), rows("b01", 40), sound("b01", 31), Json::object()));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence,
            "b01: 9 rows seen outside at the end are not in the final copy (dispatcher 32-40)");
}

TEST(StaleCheckpointTest, IntegrityIsBrokenAfterASplit) {
  const Json broken = sound("b01", 40, "database disk image is malformed");
  EXPECT_EQ(
      stale_checkpoint(split_facts(rows("b01", 40), rows("b01", 40), broken, kDeletedSidecars)).presence,
      Presence::yes);
  EXPECT_EQ(stale_checkpoint(split_facts(rows("b01", 40), rows("b01", 40), broken, Json::object())).presence,
            Presence::no);
}

TEST(StaleCheckpointTest, ASoundCopyWithAllRowsIsNone) {
  EXPECT_EQ(
      stale_checkpoint(split_facts(rows("b01", 40), rows("b01", 12), sound("b01", 40), kDeletedSidecars))
          .presence,
      Presence::no);
}

TEST(StaleCheckpointTest, WithoutAFinalCheckItIsUnknown) {
  EXPECT_EQ(stale_checkpoint(facts_of({header(1), sample(0, {board(1)}), end()})).presence,
            Presence::unknown);
}

// A pass that failed for want of descriptors, with so many of them in use at the sample before.
facts::CellFacts exhausted(std::int64_t used, const Json& error, const Json& limit = 1024) {
  Json failing = pass(1, true);
  failing["boards"][0]["error"] = error;
  Json full = sample(0, {board(1)});
  full["process"]["descriptors"] = used;
  full["process"]["descriptor_limit"] = limit;
  return facts_of({header(1), pass(0), full, failing, end()});
}
const Json kCannotOpen = {
    {"code", 14}, {"message", "unable to open database file"}, {"where", "open"}, {"app", nullptr}};
const Json kEmfile = {
    {"code", 0}, {"message", "too many open files"}, {"where", "header check"}, {"app", "EMFILE"}};

TEST(DescriptorExhaustionTest, CannotOpenWithThreeOrFewerLeft) {
  const Judgement judgement = descriptor_exhaustion(exhausted(1021, kCannotOpen));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "1021 of 1024 descriptors; 1 times SQLITE_CANTOPEN, 0 times EMFILE");
  EXPECT_EQ(descriptor_exhaustion(exhausted(1023, kEmfile)).presence, Presence::yes);
}

TEST(DescriptorExhaustionTest, NotWithDescriptorsLeftNorWithoutTheError) {
  EXPECT_EQ(descriptor_exhaustion(exhausted(1020, kCannotOpen)).presence, Presence::no);
  const Json io = {{"code", 522}, {"message", "disk I/O error"}};
  EXPECT_EQ(descriptor_exhaustion(exhausted(1023, io)).presence, Presence::no);
}

TEST(DescriptorExhaustionTest, TheLimitThatHeldIsTheOneThatCounts) {
  Json before = sample(0, {board(1)});
  before["process"]["descriptor_limit"] = 20000;
  Json full = sample(1, {board(1)});
  full["process"]["descriptors"] = 60;
  full["process"]["descriptor_limit"] = 60;
  Json failing = pass(1, true);
  failing["boards"][0]["error"] = kCannotOpen;
  const Judgement judgement =
      descriptor_exhaustion(facts_of({header(1), pass(0), before, failing, full, end()}));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_THAT(judgement.evidence, HasSubstr("60 of 60 descriptors"));
  Json gap = sample(2, {board(1)});
  gap["process"]["descriptors"] = nullptr;
  EXPECT_EQ(descriptor_exhaustion(facts_of({header(1), pass(0), failing, full, gap, full, end()})).presence,
            Presence::unknown);
}

TEST(DescriptorExhaustionTest, WithoutALimitItIsUnknown) {
  EXPECT_EQ(descriptor_exhaustion(exhausted(1023, kEmfile, nullptr)).presence, Presence::unknown);
}

TEST(SidecarChurnTest, LastClosesWithBalancedConnections) {
  const auto at = [](std::int64_t connections_a_tick) {
    return [connections_a_tick](std::int64_t tick) {
      return board(connections_a_tick * tick, {{"api_opened", 4 + 2 * tick},
                                               {"api_closed", 4 + 2 * tick},
                                               {"vfs_wal_unlinks_in_scope", 4 + 2 * tick}});
    };
  };
  const Judgement judgement = sidecar_churn(series_facts(4, at(0)));
  EXPECT_EQ(judgement.presence, Presence::yes);
  EXPECT_EQ(judgement.evidence, "after warm-up: 6 last closes in scope, 6 connections opened and 6 closed");
  EXPECT_EQ(sidecar_churn(series_facts(4, at(1))).presence, Presence::no);
  EXPECT_EQ(sidecar_churn(series_facts(4, [](std::int64_t) { return board(1); })).presence, Presence::no);
}

TEST(MechanismsTest, EachIsLookedForByItsName) {
  std::vector<std::string> names;
  for (const Mechanism& mechanism : mechanisms_of(series_facts(4, [](std::int64_t) { return board(1); }))) {
    names.push_back(mechanism.name);
    EXPECT_EQ(mechanism.presence, Presence::no) << mechanism.name;
  }
  EXPECT_THAT(names, ::testing::ElementsAre("unclosed connection", "deferred collection", "zombie connection",
                                            "parked descriptors", "connection per thread", "lock lost",
                                            "split generation", "stale checkpoint", "checkpoint starvation",
                                            "descriptor exhaustion", "replaced board", "sidecar churn"));
}

// The planted integer stands in all three ledgers at once.
TEST(MechanismsTest, APlantedLeakIsTheSameNumberInEveryLedger) {
  const facts::CellFacts facts = series_facts(61, [](std::int64_t tick) { return board(tick / 10); });
  const Metrics metrics = metrics_of(facts);
  for (const char* key :
       {"api_open_growth", "vfs_main_growth", "kernel_wal_growth", "kernel_main_net_growth"}) {
    EXPECT_EQ(metrics.at(key), 6) << key;
  }
  EXPECT_EQ(unclosed_connection(facts.series()).presence, Presence::yes);
}

}  // namespace
}  // namespace walsoak::judgement
