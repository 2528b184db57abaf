// A process that walsoak did not start: what is found from the kernel ledger alone.
#include "harness/evidence/facts/watched.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement/finding/finding.h"
#include "harness/judgement/mechanism/mechanisms.h"
#include "harness/judgement/verdict/summarise.h"
#include "tests/facts/builders.h"

namespace walsoak::judgement {
namespace {

using testing::Json;

Json kernel_board(std::int64_t main, std::int64_t wal, const Json& values = Json::object()) {
  Json board = {{"kernel_main", main},
                {"kernel_wal", wal},
                {"kernel_shm", wal > 0 ? 1 : 0},
                {"kernel_journal", 0},
                {"kernel_main_deleted", 0},
                {"kernel_wal_deleted", 0},
                {"kernel_shm_deleted", 0},
                {"kernel_main_replaced", 0},
                {"lock_main_posix", wal > 0 ? 1 : 0},
                {"lock_main_ofd", 0},
                {"lock_shm_dms", 1},
                {"main_bytes", 4096},
                {"main_inode", 1},
                {"wal_bytes", 100},
                {"wal_inode", 2},
                {"shm_bytes", 32768},
                {"shm_inode", 3}};
  board.update(values);
  return board;
}

// db1 alone, as each sample shows it; an empty object is a sample without a database.
facts::CellFacts watched(const std::vector<Json>& boards, bool quiet = true) {
  facts::CellFacts facts;
  facts.accept(
      {{"type", "header"},
       {"settings", {{"mode", "watch"}, {"every_s", 60}, {"peek", false}}},
       {"subject", {{"command", "python3"}, {"pid", 7}, {"start_time", "then"}, {"arguments", {"secret"}}}},
       {"boards", Json::array()}});
  std::int64_t tick = 0;
  for (const Json& board : boards) {
    Json line = {
        {"type", "sample"},
        {"tick", tick},
        {"t_us", tick * 60000000},
        {"quiet", quiet},
        {"boards", Json::object()},
        {"process", {{"descriptors", 20}, {"descriptor_limit", 1024}, {"threads", 2}, {"rss_bytes", 1000}}}};
    if (!board.empty()) line["boards"]["db1"] = board;
    facts.accept(line);
    ++tick;
  }
  facts.accept({{"type", "end"}, {"reason", "process ended"}});
  return facts;
}

std::vector<Json> connections(const std::vector<int>& counts) {
  std::vector<Json> boards;
  for (const int count : counts) boards.push_back(kernel_board(count, count));
  return boards;
}

std::string watched_finding(const std::vector<int>& counts) {
  return find(watched(connections(counts))).name;
}

Presence presence_of(const facts::CellFacts& facts, const std::string& name) {
  for (const Mechanism& mechanism : mechanisms_of(facts)) {
    if (mechanism.name == name) return mechanism.presence;
  }
  ADD_FAILURE() << name;
  return Presence::unknown;
}

TEST(Watched, GrowthIsToldWithoutRowsAndPasses) {
  EXPECT_EQ(watched_finding({1, 2, 3, 4, 5, 6}), kLeak);
  EXPECT_EQ(watched_finding({1, 2, 3}), kUnknown) << "as in a busy moment, too";
  EXPECT_EQ(watched_finding({0, 4, 4, 4, 4, 4}), kBoundedGrowth);
  EXPECT_EQ(watched_finding({4, 4, 4}), kClean);
  EXPECT_EQ(watched_finding({1, 2}), kUnknown);
}

TEST(Watched, WhatComesAndGoesIsNoGrowth) {
  EXPECT_EQ(watched_finding({0, 3, 0, 2, 1, 0, 0, 3, 0, 2, 0, 3}), kClean);
  EXPECT_EQ(watched_finding({0, 3, 0, 9, 1, 0, 0, 4, 0, 7, 0, 5}), kUnknown)
      << "more than two threads can use: dropped, and freed by a collector, perhaps";
}

TEST(Watched, LoudSamplesCountForGrowthAndNotForLocks) {
  std::vector<Json> boards;
  for (int i = 1; i <= 6; ++i) boards.push_back(kernel_board(i, i, {{"lock_main_posix", i > 2 ? 1 : 0}}));
  EXPECT_EQ(find(watched(boards, false)).name, kLeak);
  EXPECT_EQ(presence_of(watched(boards, false), "lock lost"), Presence::unknown);
  EXPECT_EQ(presence_of(watched(boards), "lock lost"), Presence::yes);
}

TEST(Watched, ADatabaseThatIsOpenedLateIsGrowthFrom0) {
  EXPECT_EQ(find(watched({Json::object(), kernel_board(1, 1), kernel_board(1, 1), kernel_board(1, 1)})).name,
            kBoundedGrowth);
}

TEST(Watched, ANewWalEachTimeIsChurn) {
  std::vector<Json> boards;
  for (int inode = 0; inode < 4; ++inode) boards.push_back(kernel_board(1, 1, {{"wal_inode", inode}}));
  EXPECT_EQ(find(watched(boards)).name, kChurn);
  for (Json& board : boards) board["kernel_wal_deleted"] = 1;  // it held on: somebody else did away with them
  EXPECT_EQ(find(watched(boards)).name, kUnknown) << "and what it commits is seen by nobody";
}

TEST(Watched, IsNeverCleanWhileRowsAreInDanger) {
  const auto finding = [](const Json& values) {
    return find(watched(std::vector<Json>(4, kernel_board(1, 1, values))));
  };
  EXPECT_EQ(finding(Json::object()).name, kClean);
  for (const Json& values : std::vector<Json>{{{"lock_main_posix", 0}},
                                              {{"kernel_wal_deleted", 1}},
                                              {{"kernel_main_deleted", 1}},
                                              {{"main_links", 2}},
                                              {{"kernel_shm", 0}, {"lock_main_posix", 0}}}) {
    EXPECT_EQ(finding(values).name, kUnknown) << values;
    EXPECT_THAT(finding(values).evidence.front(), ::testing::HasSubstr("rows were not looked at")) << values;
  }
}

TEST(Watched, MechanismsThatNeedOtherLedgersAreUnknown) {
  const facts::CellFacts facts = watched(connections({1, 2, 3, 4}));
  for (const char* name :
       {"unclosed connection", "deferred collection", "zombie connection", "parked descriptors",
        "connection per thread", "stale checkpoint", "sidecar churn"}) {
    EXPECT_EQ(presence_of(facts, name), Presence::unknown) << name;
  }
  for (const char* name : {"lock lost", "replaced board", "split generation", "descriptor exhaustion"}) {
    EXPECT_EQ(presence_of(facts, name), Presence::no) << name;
  }
}

TEST(Watched, TheSummaryHasCountsAndNeitherPathsNorArguments) {
  const facts::CellFacts facts = watched(connections({1, 5, 3}));
  const Json json = facts.watched_facts().to_json();
  EXPECT_EQ(json["samples"], 3);
  EXPECT_EQ(json["duration_us"], 120000000);
  EXPECT_EQ(json["ended"], "process ended");
  EXPECT_EQ(json["databases"][0]["main"], (Json{{"first", 1}, {"last", 3}, {"peak", 5}}));
  EXPECT_THAT(json.dump(), ::testing::Not(::testing::HasSubstr("secret")));
  const auto metrics = metrics_of(facts);
  for (const char* name :
       {"passes", "steps", "wal_unlinked", "last_closes_in_scope", "last_closes_apart", "lost_commits"})
    EXPECT_EQ(metrics.at(name), std::nullopt) << name;
  EXPECT_EQ(metrics.at("kernel_wal_growth"), 2);
  EXPECT_EQ(conclude({"w01", {}, {}, nullptr, "done"}, facts, Expectation()).json["verdict"], kPass);
}

// In a listing a file stands only while it is held: that it is missing does not say that it is gone.
TEST(Watched, InAListingOnlyAnotherInodeIsAnotherWal) {
  const auto turnover = [](const Json& settings) {
    facts::WatchedFacts facts;
    facts.accept_header({{"type", "header"}, {"settings", settings}});
    for (const Json& inode : {Json(2), Json(), Json(2), Json(), Json(3)}) {
      const Json line = {{"type", "sample"},
                         {"tick", facts.samples()},
                         {"quiet", true},
                         {"boards", {{"db1", kernel_board(1, 1, {{"wal_inode", inode}})}}},
                         {"process", Json::object()}};
      facts.accept_sample(line, facts::Sample::from_kernel_json(line));
    }
    return facts.wal_turnover();
  };
  EXPECT_EQ(turnover({{"mode", "watch"}}), 2);
  EXPECT_EQ(turnover({{"mode", "watch"}, {"source", "listing"}}), 1);
}

}  // namespace
}  // namespace walsoak::judgement
