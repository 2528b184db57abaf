// Every finding from a literal series, their order, and where a finding is unknown.
#include "harness/judgement/finding/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::check;
using ::testing::ElementsAre;
using testing::end;
using testing::facts_of;
using ::testing::HasSubstr;
using testing::header;
using testing::healthy_facts;
using ::testing::IsEmpty;
using testing::Json;
using testing::pass;
using testing::rows;
using testing::sample;
using testing::series_facts;
using testing::sound;
using testing::unreadable;

Finding found(const std::vector<std::int64_t>& connections) {
  return find(series_facts(static_cast<int>(connections.size()), [&](std::int64_t tick) {
    return board(connections[static_cast<std::size_t>(tick)]);
  }));
}

// A cell of three passing ticks whose end is made of these checks.
Finding with_checks(const std::vector<Json>& checks, bool failing = false) {
  std::vector<Json> lines{header(1)};
  for (std::int64_t tick = 0; tick < 3; ++tick) {
    lines.push_back(pass(tick, failing));
    lines.push_back(sample(tick, {board(1)}));
  }
  lines.insert(lines.end(), checks.begin(), checks.end());
  lines.push_back(end());
  return find(facts_of(lines));
}

TEST(FindingTest, CleanIsWhereNothingHolds) {
  const Finding finding = found({2, 2, 2, 2, 2});
  EXPECT_EQ(finding.name, "clean");
  EXPECT_THAT(finding.also, IsEmpty());
  EXPECT_THAT(finding.evidence, ElementsAre("0 of 40 acknowledged commits lost, integrity ok on 1 boards"));
}

TEST(FindingTest, ALeakGrowsInBothHalves) {
  const Finding finding = found({1, 2, 3, 4, 5});
  EXPECT_EQ(finding.name, "leak");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("net of parked: 3 at tick 0, 7 at tick 2, 11 at tick 4 "
                                                  "(main 1, wal 1, shm 1 -> main 5, wal 5, shm 1)"));
}

TEST(FindingTest, GrowthThatStopsIsBounded) {
  EXPECT_EQ(found({1, 3, 5, 5, 5}).name, "bounded growth");
}

TEST(FindingTest, GrowthThatFallsBackIsNone) {
  EXPECT_EQ(found({2, 5, 5, 4, 2}).name, "clean");
  EXPECT_EQ(found({5, 2, 2, 3, 4}).name, "clean");
}

TEST(FindingTest, GrowthInTheLastHalfAloneIsUnknown) {
  const Finding finding = found({1, 1, 1, 2, 3});
  EXPECT_EQ(finding.name, "unknown");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("leak: growth in the last half alone"));
}

TEST(FindingTest, ParkedDescriptorsAreNoLeak) {
  const facts::CellFacts facts = series_facts(5, [](std::int64_t tick) {
    return board(2, {{"kernel_main", 2 + std::min<std::int64_t>(tick, 3)}, {"vfs_main_peak", 5}});
  });
  EXPECT_EQ(find(facts).name, "clean");
}

TEST(FindingTest, TheWarmUpIsNoGrowth) {
  const facts::CellFacts facts = series_facts(
      8, [](std::int64_t tick) { return board(std::min<std::int64_t>(tick, 4)); }, {{"warmup_ticks", 5}});
  EXPECT_EQ(find(facts).name, "clean");
}

TEST(FindingTest, ASawToothOfACollectorIsNoGrowth) {
  const auto at = [](std::int64_t tick) { return board((tick + 1) % 4); };
  EXPECT_EQ(find(series_facts(16, at, {{"collector_every", 4}})).name, "clean");
  // The same series without a collector to excuse it ends higher than it began.
  EXPECT_NE(find(series_facts(15, at)).name, "clean");
}

TEST(FindingTest, ALeakUnderASawToothIsSeen) {
  const auto at = [](std::int64_t tick) { return board((tick + 1) % 4 + tick / 4); };
  EXPECT_EQ(find(series_facts(24, at, {{"collector_every", 4}})).name, "leak");
}

// A Python subject on its own clock: no VFS ledger, and no step that says whose unlink it was.
Json without_vfs_ledger(std::int64_t opened_in_scope) {
  Json values = {{"api_opened_in_scope", opened_in_scope}};
  for (const char* key :
       {"vfs_main", "vfs_main_peak", "vfs_wal", "vfs_shm", "vfs_wal_unlinks", "vfs_wal_unlinks_in_scope"}) {
    values[key] = nullptr;
  }
  return board(1, values);
}

TEST(FindingTest, WithoutACountOfLastClosesThereIsNoChurnWhereNothingComesOrGoes) {
  const auto finding_after = [](std::int64_t opened_per_tick) {
    std::vector<Json> lines;
    for (std::int64_t tick = -1; tick < 6; ++tick) {
      if (tick >= 0) lines.push_back(testing::free_tick(tick));
      lines.push_back(testing::free_sample(tick, {without_vfs_ledger(1 + opened_per_tick * (tick + 1))}));
    }
    return find(healthy_facts(testing::free_header(1), lines)).name;
  };
  EXPECT_EQ(finding_after(0), kClean);
  EXPECT_EQ(finding_after(1), kUnknown);
}

TEST(FindingTest, ChurnIsLastClosesAfterWarmUp) {
  const auto unlinks = [](std::int64_t count) {
    return [count](std::int64_t tick) {
      return board(0, {{"vfs_wal_unlinks_in_scope", tick == 0 ? 7 : 7 + count}});
    };
  };
  const Finding finding = find(series_facts(5, unlinks(9)));
  EXPECT_EQ(finding.name, "churn");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("9 last closes"));
  EXPECT_EQ(find(series_facts(5, unlinks(0))).name, "clean");
}

TEST(FindingTest, WedgedIsThreeFailedPassesInARow) {
  std::vector<Json> lines{sample(-1, {board(1), board(1)})};
  for (std::int64_t tick = 0; tick < 6; ++tick) {
    Json line = pass(tick, false, 2);
    if (tick >= 3) line["boards"][1] = pass(tick, true, 2)["boards"][1];
    lines.push_back(line);
    lines.push_back(sample(tick, {board(1), board(1)}));
  }
  const Finding finding = find(healthy_facts(header(2), lines, 2));
  EXPECT_EQ(finding.name, "wedged");
  EXPECT_EQ(finding.evidence.front(), "b02: the last 3 of 6 passes failed");
}

TEST(FindingTest, OneFailedPassIsFailing) {
  std::vector<Json> lines{sample(-1, {board(1)})};
  for (std::int64_t tick = 0; tick < 6; ++tick) {
    lines.push_back(pass(tick, tick == 2));
    lines.push_back(sample(tick, {board(1)}));
  }
  const Finding finding = find(healthy_facts(header(1), lines));
  EXPECT_EQ(finding.name, "failing");
  EXPECT_THAT(finding.evidence.front(), ::testing::StartsWith("b01: 1 of 6 passes failed"));
}

TEST(FindingTest, TwoFailedPassesAreFailingAndNotWedged) {
  std::vector<Json> lines{sample(-1, {board(1)})};
  for (std::int64_t tick = 0; tick < 6; ++tick) {
    lines.push_back(pass(tick, tick >= 4));
    lines.push_back(sample(tick, {board(1)}));
  }
  const Finding finding = find(healthy_facts(header(1), lines));
  EXPECT_EQ(finding.name, "failing");
  EXPECT_THAT(finding.evidence.front(), ::testing::StartsWith("b01: 2 of 6 passes failed"));
}

TEST(FindingTest, TooFewPassesThatAllFailedAreUnknown) {
  const Finding finding =
      find(healthy_facts(header(1), {sample(-1, {board(1)}), pass(0, true), sample(0, {board(1)}),
                                     pass(1, true), sample(1, {board(1)})}));
  EXPECT_EQ(finding.name, "unknown");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("wedged: b01: all 2 passes failed"));
}

TEST(FindingTest, ALostCommitIsDataLoss) {
  const Finding finding =
      with_checks({check("inside", {rows("b01", 40)}), check("outside", {rows("b01", 40)}),
                   check("acknowledged", {rows("b01", 40)}), check("final", {sound("b01", 39)})});
  EXPECT_EQ(finding.name, "data loss");
  EXPECT_EQ(finding.evidence.front(),
            "b01: 1 of 40 acknowledged commits are not in the final copy (dispatcher 40)");
}

TEST(FindingTest, BrokenIntegrityIsDataLossWithoutALostRow) {
  const Finding finding = with_checks({check("acknowledged", {rows("b01", 40)}),
                                       check("final", {sound("b01", 40, "row 7 missing from index")})});
  EXPECT_EQ(finding.name, "data loss");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("row 7 missing from index"));
}

TEST(FindingTest, AFinalCopyThatCannotBeReadIsDataLoss) {
  const Finding finding =
      with_checks({check("acknowledged", {rows("b01", 40)}),
                   check("final", {unreadable("b01", 11, "database disk image is malformed")})});
  EXPECT_EQ(finding.name, "data loss");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("cannot be read (11 database disk image is malformed)"));
}

TEST(FindingTest, WhatIsAmissSeenFromInsideStandsInTheEvidence) {
  const Finding finding = with_checks(
      {check("inside", {unreadable("b01", 522, "disk I/O error")}), check("outside", {rows("b01", 38)}),
       check("acknowledged", {rows("b01", 40)}), check("final", {sound("b01", 40)})});
  EXPECT_EQ(finding.name, "clean");
  EXPECT_THAT(finding.evidence,
              ElementsAre(HasSubstr("0 of 40"), "b01: rows inside could not be read: 522 disk I/O error",
                          "b01: 2 acknowledged rows are not there seen from outside (dispatcher 39-40)"));
}

TEST(FindingTest, EvidenceOfManyBoardsIsCut) {
  std::vector<Json> acknowledged, copies;
  for (int i = 10; i < 40; ++i) {
    acknowledged.push_back(rows("b" + std::to_string(i), 4));
    copies.push_back(sound("b" + std::to_string(i), 3));
  }
  facts::DataFacts data;
  std::vector<std::string> names;
  for (int i = 10; i < 40; ++i) names.push_back("b" + std::to_string(i));
  data.set_boards(names);
  data.accept(check("acknowledged", acknowledged));
  data.accept(check("final", copies));
  EXPECT_THAT(data_loss(data).evidence,
              ::testing::EndsWith("b17: 1 of 4 acknowledged commits are not in the final copy "
                                  "(dispatcher 4); and 22 more"));
}

TEST(FindingTest, DataLossGoesFirstAndTheOthersStandBesideIt) {
  const Finding finding = with_checks(
      {check("acknowledged", {rows("b01", 40)}), check("final", {sound("b01", 12)})}, /*failing=*/true);
  EXPECT_EQ(finding.name, "data loss");
  EXPECT_THAT(finding.also, ElementsAre("wedged"));
}

TEST(FindingTest, WithoutAFinalCheckItIsUnknown) {
  const Finding finding = with_checks({check("acknowledged", {rows("b01", 40)})});
  EXPECT_EQ(finding.name, "unknown");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("data loss: b01: no final check"));
}

TEST(FindingTest, WithoutTheAcknowledgementsItIsUnknown) {
  EXPECT_EQ(with_checks({check("final", {sound("b01", 40)})}).name, "unknown");
}

TEST(FindingTest, WhatIsUnknownBehindTheFindingDoesNotMatter) {
  // Growth cannot be told with one sample, but lost data goes before it.
  const Finding finding =
      find(facts_of({header(1), pass(0), sample(0, {board(1)}), check("acknowledged", {rows("b01", 4)}),
                     check("final", {sound("b01", 1)}), end()}));
  EXPECT_EQ(finding.name, "data loss");
}

TEST(FindingTest, TooFewSamplesToTellGrowthIsUnknown) {
  const Finding finding = found({1, 1});
  EXPECT_EQ(finding.name, "unknown");
  EXPECT_THAT(finding.evidence.front(), HasSubstr("growth needs 3 quiet samples after warm-up, there are 2"));
}

TEST(FindingTest, AMissingKernelLedgerIsUnknown) {
  EXPECT_EQ(find(series_facts(5,
                              [](std::int64_t) {
                                return board(1, {{"kernel_shm", nullptr}});
                              }))
                .name,
            "unknown");
}

TEST(FindingTest, AnInterruptedCellIsUnknownWithItsReason) {
  const Finding no_end = find(facts_of({header(1), pass(0), sample(0, {board(1)})}));
  EXPECT_EQ(no_end.name, "unknown");
  EXPECT_THAT(no_end.evidence, ElementsAre("the stream has no end: the cell was interrupted"));
  const Finding stopped = find(facts_of({header(1), end("interrupted")}));
  EXPECT_THAT(stopped.evidence, ElementsAre("the cell ended early: interrupted"));
  EXPECT_THAT(find(facts::CellFacts()).evidence, ElementsAre("the stream is empty"));
}

TEST(FindingTest, APythonSubjectWithoutVfsLedgerIsJudgedAllTheSame) {
  const Json no_vfs = {{"vfs_main", nullptr},
                       {"vfs_main_peak", nullptr},
                       {"vfs_wal", nullptr},
                       {"vfs_shm", nullptr},
                       {"vfs_wal_unlinks_in_scope", nullptr}};
  EXPECT_EQ(find(series_facts(5, [&](std::int64_t) { return board(1, no_vfs); })).name, "clean");
  EXPECT_EQ(find(series_facts(5, [&](std::int64_t tick) { return board(1 + tick, no_vfs); })).name, "leak");
}

}  // namespace
}  // namespace walsoak::judgement
