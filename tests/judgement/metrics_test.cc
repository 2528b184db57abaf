// The flat metrics of a cell.
#include "harness/judgement/finding/metrics.h"

#include <gtest/gtest.h>

#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::board;
using testing::check;
using testing::end;
using testing::facts_of;
using testing::header;
using testing::healthy_facts;
using testing::Json;
using testing::pass;
using testing::rows;
using testing::sample;

Json dispatch_with_unlinks(std::int64_t tick, int unlinks, const char* actor = "subject") {
  Json line = pass(tick);
  line["actor"] = actor;
  line["sidecars"] = {{"b01",
                       {{"wal_created", unlinks},
                        {"wal_unlinked", unlinks},
                        {"shm_created", unlinks},
                        {"shm_unlinked", unlinks}}}};
  return line;
}

TEST(MetricsTest, EverySampleKeyHasFirstLastGrowthAndPeak) {
  const Metrics metrics = metrics_of(healthy_facts(
      header(1), {sample(-1, {board(1)}), pass(0), sample(0, {board(6)}), pass(1), sample(1, {board(4)})}));
  EXPECT_EQ(metrics.at("kernel_wal_first"), 1);
  EXPECT_EQ(metrics.at("kernel_wal_last"), 4);
  EXPECT_EQ(metrics.at("kernel_wal_growth"), 3);
  EXPECT_EQ(metrics.at("kernel_wal_peak"), 6);
  EXPECT_EQ(metrics.at("kernel_main_net_growth"), 3);
  EXPECT_EQ(metrics.at("parked_last"), 0);
  EXPECT_EQ(metrics.at("descriptors_peak"), 12);
  EXPECT_EQ(metrics.at("descriptor_limit_last"), 1024);
  EXPECT_EQ(metrics.at("connections_opened_in_scope"), 4);
  EXPECT_EQ(metrics.at("ledgers_parted"), 0);
  EXPECT_EQ(metrics.at("wal_bytes_last"), std::nullopt);
}

TEST(MetricsTest, TheDataAndTheSteps) {
  const Metrics metrics = metrics_of(healthy_facts(header(2),
                                                   {sample(-1, {board(), board()}), pass(0, false, 2, 30),
                                                    pass(1, true, 2, 10), sample(1, {board(), board()})},
                                                   2));
  EXPECT_EQ(metrics.at("acknowledged"), 80);
  EXPECT_EQ(metrics.at("lost_commits"), 0);
  EXPECT_EQ(metrics.at("lost_inside"), 0);
  EXPECT_EQ(metrics.at("lost_outside"), 0);
  EXPECT_EQ(metrics.at("lost_by_fault"), 0);
  EXPECT_EQ(metrics.at("integrity_failed"), 0);
  EXPECT_EQ(metrics.at("passes"), 2);
  EXPECT_EQ(metrics.at("passes_failed"), 1);
  EXPECT_EQ(metrics.at("dispatch_p50_us"), 10);
  EXPECT_EQ(metrics.at("dispatch_max_us"), 30);
}

TEST(MetricsTest, LastClosesComeFromTheVfsLedger) {
  const Metrics metrics = metrics_of(healthy_facts(
      header(1), {sample(-1, {board()}), dispatch_with_unlinks(0, 5), dispatch_with_unlinks(0, 2, "w0001"),
                  sample(0, {board(0, {{"vfs_wal_unlinks_in_scope", 4}, {"vfs_wal_unlinks", 5}})})}));
  EXPECT_EQ(metrics.at("last_closes_in_scope"), 4);
  EXPECT_EQ(metrics.at("last_closes_apart"), 3);
  EXPECT_EQ(metrics.at("wal_unlinked"), 7);
}

TEST(MetricsTest, WithoutAVfsLedgerTheFolderStandsIn) {
  const Json python = board(0, {{"vfs_wal_unlinks_in_scope", nullptr}, {"vfs_wal_unlinks", nullptr}});
  const Metrics metrics =
      metrics_of(healthy_facts(header(1), {sample(-1, {python}), dispatch_with_unlinks(0, 5),
                                           dispatch_with_unlinks(0, 2, "w0001"), sample(0, {python})}));
  EXPECT_EQ(metrics.at("last_closes_in_scope"), 5);
  EXPECT_EQ(metrics.at("last_closes_apart"), 2);
}

TEST(MetricsTest, RowsThatAFaultTookStandApart) {
  // 40 were acknowledged and 30 of them before the restore; the copy has what came after it.
  const Json restored = {{"type", "event"},          {"tick", 0},      {"event", "fault"},
                         {"fault", "replace-board"}, {"board", "b01"}, {"rows", {{"dispatcher", {{1, 30}}}}}};
  const Json copy = {
      {"board", "b01"}, {"ok", true}, {"integrity", "ok"}, {"rows", {{"dispatcher", {{31, 40}}}}}};
  const Metrics metrics = metrics_of(
      facts_of({header(1), sample(-1, {board()}), restored, check("acknowledged", {rows("b01", 40)}),
                check("inside", {copy}), check("outside", {copy}), check("final", {copy}), end()}));
  EXPECT_EQ(metrics.at("lost_by_fault"), 30);
  EXPECT_EQ(metrics.at("lost_commits"), 0);
  EXPECT_EQ(metrics.at("lost_inside"), 0);
  EXPECT_EQ(metrics.at("lost_outside"), 0);
}

TEST(MetricsTest, OneSampleThatCountsTellsNoGrowth) {
  Json loud = sample(0, {board(500)});
  loud["quiet"] = false;
  const Metrics metrics = metrics_of(healthy_facts(header(1), {loud, sample(1, {board(900)})}));
  EXPECT_EQ(metrics.at("kernel_main_first"), 900);
  EXPECT_EQ(metrics.at("kernel_main_growth"), std::nullopt) << "0 would pass where nothing was seen";
  EXPECT_EQ(metrics.at("descriptors_net_growth"), std::nullopt);
  EXPECT_EQ(metrics.at("descriptors_growth"), std::nullopt);
}

TEST(MetricsTest, AnEmptyStreamKnowsNothing) {
  const Metrics metrics = metrics_of(facts::CellFacts());
  EXPECT_EQ(metrics.at("kernel_main_growth"), std::nullopt);
  EXPECT_EQ(metrics.at("lost_commits"), std::nullopt);
  EXPECT_EQ(metrics.at("last_closes_in_scope"), std::nullopt);
  EXPECT_EQ(metrics.at("ledgers_parted"), std::nullopt);
  EXPECT_EQ(metrics.at("steps"), 0);
}

}  // namespace
}  // namespace walsoak::judgement
