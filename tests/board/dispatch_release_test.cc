// The first half of a dispatch pass: claims that ran out, workers that are silent or dead, runs that take too
// long.
#include "tests/board/dispatcher.h"

namespace walsoak::board {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class DispatchRelease : public DispatchTest {
 protected:
  DispatchRelease() { writer_ = ""; }  // what is released stays to be seen

  void expect_released(const std::string& why, const std::string& run_status, const std::string& event) {
    EXPECT_EQ(of("t1", "status"), "ready");
    EXPECT_EQ(of("t1", "last_error"), why);
    EXPECT_EQ(of("t1", "failures"), "1");
    EXPECT_EQ(of("t1", "claim_lock"), "");
    EXPECT_EQ(of("t1", "claim_expires"), "");
    EXPECT_EQ(of("t1", "worker_pid"), "");
    EXPECT_THAT(runs(), ElementsAre("t1 " + run_status));
    EXPECT_EQ(look_.value("SELECT ended_at FROM runs"), "1700000000");
    EXPECT_THAT(events(), ElementsAre("t1 " + event));
    EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 1)))));
  }
};

TEST_F(DispatchRelease, AWorkerInGoodOrderIsLeftAlone) {
  add_running("t1");
  EXPECT_EQ(pass().released, 0);
  EXPECT_EQ(of("t1", "status"), "running");
  EXPECT_EQ(of("t1", "claim_lock"), "w0009");
  EXPECT_THAT(events(), IsEmpty());
  EXPECT_THAT(acknowledged(), IsEmpty());
}

TEST_F(DispatchRelease, AClaimThatExpiredIsReclaimed) {
  add_running("t1", "claim_expires = 1699999999");
  EXPECT_EQ(pass().released, 1);
  expect_released("claim expired", "expired", "reclaimed");
}

TEST_F(DispatchRelease, AWorkerWithoutHeartbeatIsStale) {
  add_running("t1", "last_heartbeat_at = 1699999099");  // 901 s ago; claim_ttl_s is 900
  EXPECT_EQ(pass().released, 1);
  expect_released("no heartbeat", "stale", "stale");
}

TEST_F(DispatchRelease, AWorkerWhoseProcessIsGoneHasCrashed) {
  add_running("t1");
  alive_.clear();
  EXPECT_EQ(pass().released, 1);
  expect_released("worker crashed", "crashed", "crashed");
}

TEST_F(DispatchRelease, ARunThatTakesTooLongIsEnded) {
  add_running("t1", "started_at = 1699996399");  // 3601 s ago
  EXPECT_EQ(pass().released, 1);
  expect_released("runtime exceeded", "timed out", "timed out");
}

TEST_F(DispatchRelease, EachBoundIsStillGood) {
  add_running("t1", "claim_expires = 1700000000, last_heartbeat_at = 1699999100, started_at = 1699996400");
  EXPECT_EQ(pass().released, 0);
  EXPECT_EQ(of("t1", "status"), "running");
}

TEST_F(DispatchRelease, ATaskWithEveryFaultIsReleasedOnce) {
  add_running("t1", "claim_expires = 1, last_heartbeat_at = 1, started_at = 1");
  alive_.clear();
  EXPECT_EQ(pass().released, 1);
  expect_released("claim expired", "expired", "reclaimed");
}

TEST_F(DispatchRelease, AReviewGoesBackToReview) {
  add_running("t1", "claim_expires = 1", "review-running");
  EXPECT_EQ(pass().released, 1);
  EXPECT_EQ(of("t1", "status"), "review");
}

TEST_F(DispatchRelease, CrashedWorkersAreReleasedInOneTransactionTheOthersInOneEach) {
  add_running("t1", "worker_pid = 101");
  add_running("t2", "worker_pid = 102");
  EXPECT_EQ(pass().released, 2);
  EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 1)))));
  EXPECT_THAT(events(), ElementsAre("t1 crashed", "t2 crashed"));

  add_running("t3", "claim_expires = 1");
  add_running("t4", "claim_expires = 1");
  EXPECT_EQ(pass().released, 2);
  EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 3)))));
}

TEST_F(DispatchRelease, ADoneTaskIsNobodysWhateverItsTimes) {
  add_running("t1", "claim_expires = 1, last_heartbeat_at = 1, started_at = 1, worker_pid = 5", "done");
  EXPECT_EQ(pass().released, 0);
  EXPECT_EQ(of("t1", "status"), "done");
}

TEST_F(DispatchRelease, WhatIsReleasedIsClaimedAgainInTheSamePass) {
  add_running("t1", "claim_expires = 1");
  writer_ = "w0010";
  const DispatchResult result = pass();
  EXPECT_EQ(result.released, 1);
  EXPECT_EQ(result.spawned, 1);
  EXPECT_EQ(of("t1", "claim_lock"), "w0010");
  EXPECT_THAT(runs(), ElementsAre("t1 expired", "t1 running"));
  EXPECT_THAT(events(), ElementsAre("t1 reclaimed", "t1 claimed", "t1 spawned"));
}

}  // namespace
}  // namespace walsoak::board
