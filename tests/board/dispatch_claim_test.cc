// The second half of a dispatch pass: promote, claim, spawn; and the shape of a pass with nothing to do.
#include "harness/boards/board/statements.h"
#include "tests/board/dispatcher.h"
#include "tests/board/statement_trace.h"

namespace walsoak::board {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using DispatchClaim = DispatchTest;

TEST_F(DispatchClaim, AnIdlePassHoldsTwoEmptyTransactions) {
  const tests::StatementTrace trace(look_.connection());
  const DispatchResult result = pass();
  std::vector<std::string> seen;
  for (const std::string& sql : trace.statements()) {
    for (const char* name :
         {"expired_claims", "stale_workers", "running_workers", "overrunning", "promotable", "candidates"}) {
      if (statement(name).starts_with(sql)) seen.emplace_back(name);
    }
    if (sql == "BEGIN IMMEDIATE" || sql == "COMMIT") seen.push_back(sql);
  }
  EXPECT_THAT(seen, ElementsAre("expired_claims", "stale_workers", "running_workers", "BEGIN IMMEDIATE",
                                "COMMIT", "overrunning", "BEGIN IMMEDIATE", "promotable", "COMMIT",
                                "candidates", "candidates"));
  EXPECT_EQ(seen.size(), trace.statements().size()) << "nothing else was run";
  EXPECT_EQ(result.released + result.promoted + result.spawned, 0);
  EXPECT_THAT(acknowledged(), IsEmpty());
  EXPECT_EQ(boards_.read_log("dispatcher"), "");
}

TEST_F(DispatchClaim, AReadyTaskIsClaimedGivenAWorkspaceAndSpawned) {
  add_task("t1", "ready");
  const DispatchResult result = pass();
  EXPECT_EQ(result.spawned, 1);
  EXPECT_EQ(result.released, 0);
  EXPECT_THAT(spawned_, ElementsAre(Spawn{"b01", "t1", "w0001"}));
  EXPECT_EQ(of("t1", "status"), "running");
  EXPECT_EQ(of("t1", "claim_lock"), "w0001");
  EXPECT_EQ(of("t1", "claim_expires"), "1700000900");
  EXPECT_EQ(of("t1", "started_at"), "1700000000");
  EXPECT_EQ(of("t1", "last_heartbeat_at"), "1700000000");
  EXPECT_EQ(of("t1", "attempts"), "1");
  EXPECT_EQ(of("t1", "worker_pid"), "4711");
  EXPECT_EQ(of("t1", "workspace_path"), "workspaces/t1");
  EXPECT_THAT(runs(), ElementsAre("t1 running"));
  EXPECT_EQ(of("t1", "current_run_id"), look_.value("SELECT id FROM runs"));
  EXPECT_THAT(events(), ElementsAre("t1 claimed", "t1 spawned"));
  EXPECT_EQ(look_.value("SELECT count(DISTINCT run_id) FROM events"), "1");
}

TEST_F(DispatchClaim, ClaimWorkspaceAndPidAreOneAcknowledgedTransactionEach) {
  add_task("t1", "ready");
  pass();
  EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 3)))));
  EXPECT_EQ(boards_.read_log("dispatcher"), "b01 dispatcher 1\nb01 dispatcher 2\nb01 dispatcher 3\n");
}

TEST_F(DispatchClaim, OneSpawnAPassByPriorityThenAgeThenId) {
  add_task("t1", "ready", "priority", "1");
  add_task("t3", "ready", "priority", "2");
  add_task("t2", "ready", "priority", "2");
  add_task("t4", "ready", "priority", "2");
  look_.execute("UPDATE tasks SET created_at = 99 WHERE id = 't4'");
  look_.execute("UPDATE tasks SET created_at = 1 WHERE id = 't1'");
  std::vector<std::string> order;
  for (int i = 0; i < 5; ++i) pass();
  for (const Spawn& spawn : spawned_) order.push_back(spawn.task);
  EXPECT_THAT(order, ElementsAre("t4", "t2", "t3", "t1"));
}

TEST_F(DispatchClaim, WithoutAFreeWriterNothingIsClaimed) {
  add_task("t1", "ready");
  add_task("t2", "review");
  writer_ = "";
  EXPECT_EQ(pass().spawned, 0);
  EXPECT_THAT(spawned_, IsEmpty());
  EXPECT_EQ(of("t1", "status"), "ready");
  EXPECT_EQ(of("t2", "status"), "review");
  EXPECT_THAT(acknowledged(), IsEmpty());
}

TEST_F(DispatchClaim, TheReviewColumnComesAfterTheReadyOne) {
  add_task("t1", "review", "priority", "9");
  add_task("t2", "ready");
  EXPECT_EQ(pass().spawned, 1);
  EXPECT_EQ(of("t2", "status"), "running");
  EXPECT_EQ(of("t1", "status"), "review");
  EXPECT_EQ(pass().spawned, 1);
  EXPECT_EQ(of("t1", "status"), "review-running");
  EXPECT_THAT(spawned_, ElementsAre(Spawn{"b01", "t2", "w0001"}, Spawn{"b01", "t1", "w0001"}));
}

TEST_F(DispatchClaim, TasksThatFailedTooOftenOrAreNotForUsAreLeft) {
  add_task("t1", "ready", "attempts", "4");  // max_retries is 3
  add_task("t2", "triage");
  add_task("t3", "done");
  EXPECT_EQ(pass().spawned, 0);
  look_.execute("UPDATE tasks SET attempts = 3 WHERE id = 't1'");
  EXPECT_EQ(pass().spawned, 1);
}

TEST_F(DispatchClaim, ATaskThatSomebodyElseHasIsPassedOver) {
  add_task("t1", "ready", "priority, claim_lock", "5, 'other'");
  add_task("t2", "ready");
  EXPECT_EQ(pass().spawned, 1);
  EXPECT_THAT(spawned_, ElementsAre(Spawn{"b01", "t2", "w0001"}));
  EXPECT_EQ(of("t1", "claim_lock"), "other");
  EXPECT_EQ(of("t1", "attempts"), "0");
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 3)))))
      << "no number was used for t1";
}

TEST_F(DispatchClaim, ASpawnThatFailsLeavesTheClaimToExpire) {
  add_task("t1", "ready");
  spawn_error_ = true;
  EXPECT_THROW(pass(), std::system_error);
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_EQ(of("t1", "status"), "running");
  EXPECT_EQ(of("t1", "worker_pid"), "");
  EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 2)))));
}

TEST_F(DispatchClaim, AnErrorRollsItsTransactionBackAndLeavesAGapInTheNumbers) {
  add_task("t1", "ready");
  look_.execute("INSERT INTO acknowledgements VALUES ('dispatcher', 1)");
  EXPECT_THROW(pass(), sqlite::Error);
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_EQ(of("t1", "status"), "ready");
  EXPECT_THAT(events(), IsEmpty());
  EXPECT_EQ(boards_.read_log("dispatcher"), "");
  EXPECT_EQ(pass().spawned, 1);
  EXPECT_EQ(boards_.read_log("dispatcher"), "b01 dispatcher 2\nb01 dispatcher 3\nb01 dispatcher 4\n");
}

TEST_F(DispatchClaim, TasksAreReadyWhenAllTheirParentsAreDone) {
  writer_ = "";
  for (const char* parent : {"p1", "p2"}) add_task(parent, "done");
  add_task("p3", "running");
  alive_.insert(77);
  for (const char* child : {"c1", "c2", "c3"}) add_task(child, "todo");
  add_task("c4", "blocked");
  add_task("c5", "blocked", "block_reason", "'waits for a person'");
  add_task("c6", "triage");
  look_.execute("INSERT INTO links VALUES ('p1', 'c1'), ('p2', 'c1'), ('p1', 'c2'), ('p3', 'c2')");
  EXPECT_EQ(pass().promoted, 3);
  EXPECT_THAT(look_.rows("SELECT id FROM tasks WHERE status = 'ready' ORDER BY id"),
              ElementsAre("c1", "c3", "c4"));
  EXPECT_THAT(events(), ElementsAre("c1 promoted", "c3 promoted", "c4 promoted"));
  EXPECT_THAT(acknowledged(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(1, 1)))))
      << "one transaction for all";
}

TEST_F(DispatchClaim, WhatIsPromotedIsClaimedInTheSamePass) {
  add_task("t1", "todo");
  const DispatchResult result = pass();
  EXPECT_EQ(result.promoted, 1);
  EXPECT_EQ(result.spawned, 1);
  EXPECT_THAT(events(), ElementsAre("t1 promoted", "t1 claimed", "t1 spawned"));
}

}  // namespace
}  // namespace walsoak::board
