// The readers of the gateway and the visits of a worker.
#include "harness/boards/board/visits.h"

#include <gmock/gmock.h>

#include "tests/board/boards.h"
#include "tests/board/statement_trace.h"

namespace walsoak::board {
namespace {

using testing::ElementsAre;
using testing::Pair;
using tests::kNow;

class Visits : public testing::Test {
 protected:
  void add(const std::string& id, const std::string& status, const std::string& claim = "w0001",
           const std::string& assignee = "direct") {
    look_.execute(
        "INSERT INTO tasks (id, title, status, created_at, claim_lock, assignee, worker_pid, claim_expires) "
        "VALUES ('" +
        id + "', 't', '" + status + "', 1, '" + claim + "', '" + assignee + "', 7, 8)");
  }
  void visit(const std::string& task, WorkerOperation operation) {
    worker_visit(look_.connection(), log_, "b01", task, operation, kNow, settings_);
  }
  std::string of(const std::string& task, const std::string& column) {
    return look_.value("SELECT " + column + " FROM tasks WHERE id = '" + task + "'");
  }

  tests::Boards boards_;
  Board board_ = boards_.empty();
  Settings settings_ = tests::settings_with();
  AcknowledgementLog log_{boards_.acknowledgements(), "w0001"};
  tests::Look look_{board_};
};

TEST_F(Visits, EveryVisitIsItsFiveStatements) {
  add("t1", "running");
  for (const auto operation :
       {WorkerOperation::claim, WorkerOperation::heartbeat, WorkerOperation::complete}) {
    const tests::StatementTrace trace(look_.connection());
    visit("t1", operation);
    ASSERT_EQ(trace.statements().size(), static_cast<std::size_t>(kVisitStatements));
    EXPECT_EQ(trace.statements().front(), "BEGIN IMMEDIATE");
    EXPECT_EQ(trace.statements().back(), "COMMIT");
  }
  EXPECT_EQ(boards_.read_log("w0001"), "b01 w0001 1\nb01 w0001 2\nb01 w0001 3\n");
  EXPECT_THAT(read_acknowledged_rows(look_.connection()),
              ElementsAre(Pair("w0001", ElementsAre(Pair(1, 3)))));
  EXPECT_EQ(look_.value("SELECT count(*) FROM comments WHERE author = 'w0001' AND task_id = 't1'"), "3");
}

TEST_F(Visits, ClaimAndHeartbeatRenewTheClaim) {
  for (const auto& [task, operation] :
       {std::pair("t1", WorkerOperation::claim), std::pair("t2", WorkerOperation::heartbeat)}) {
    add(task, "running");
    visit(task, operation);
    EXPECT_EQ(of(task, "status"), "running");
    EXPECT_EQ(of(task, "claim_expires"), "1700000900");
    EXPECT_EQ(of(task, "last_heartbeat_at"), "1700000000");
  }
}

TEST_F(Visits, CompletingFreesTheTask) {
  add("t1", "running");
  visit("t1", WorkerOperation::complete);
  EXPECT_EQ(of("t1", "status"), "done");
  EXPECT_EQ(of("t1", "result"), "done by w0001");
  EXPECT_EQ(of("t1", "completed_at"), "1700000000");
  for (const char* column : {"claim_lock", "claim_expires", "worker_pid"})
    EXPECT_EQ(of("t1", column), "") << column;
}

TEST_F(Visits, ReviewedWorkGoesThroughReviewOnce) {
  add("t1", "running", "w0001", "reviewed");
  visit("t1", WorkerOperation::complete);
  EXPECT_EQ(of("t1", "status"), "review");
  look_.execute("UPDATE tasks SET status = 'review-running', claim_lock = 'w0001'");
  visit("t1", WorkerOperation::complete);
  EXPECT_EQ(of("t1", "status"), "done");
}

TEST_F(Visits, AWorkerThatLostItsClaimChangesNoTask) {
  add("t1", "running", "w0002");
  for (const auto operation :
       {WorkerOperation::claim, WorkerOperation::heartbeat, WorkerOperation::complete}) {
    visit("t1", operation);
  }
  EXPECT_EQ(of("t1", "status"), "running");
  EXPECT_EQ(of("t1", "claim_lock"), "w0002");
  EXPECT_EQ(of("t1", "claim_expires"), "8");
  EXPECT_EQ(boards_.read_log("w0001"), "b01 w0001 1\nb01 w0001 2\nb01 w0001 3\n")
      << "its transactions are real";
}

TEST_F(Visits, AVisitThatFailsLeavesNothing) {
  look_.execute("PRAGMA foreign_keys=ON");
  EXPECT_THROW(visit("no such task", WorkerOperation::heartbeat), sqlite::Error);
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_EQ(boards_.read_log("w0001"), "");
}

TEST_F(Visits, TheProbeSeesReadyAndReviewTasksWithAttemptsLeft) {
  EXPECT_FALSE(has_spawnable(look_.connection()));
  for (const char* status : {"running", "todo", "triage", "done", "blocked"}) add(status, status);
  EXPECT_FALSE(has_spawnable(look_.connection()));
  for (const char* status : {"ready", "review"}) {
    add(status, status);
    EXPECT_TRUE(has_spawnable(look_.connection())) << status;
    look_.execute("UPDATE tasks SET attempts = 4");
    EXPECT_FALSE(has_spawnable(look_.connection())) << status;
  }
}

TEST_F(Visits, TriageListsTheTriageColumn) {
  EXPECT_EQ(list_triage(look_.connection()), 0);
  add("t1", "triage");
  add("t2", "triage");
  add("t3", "ready");
  EXPECT_EQ(list_triage(look_.connection()), 2);
}

TEST_F(Visits, TheNotifierCountsUnseenEventsOfSubscribedTasks) {
  add("t1", "ready");
  add("t2", "ready");
  look_.execute(
      "INSERT INTO events (task_id, kind, created_at) VALUES ('t1', 'a', 1), ('t1', 'b', 2), ('t2', 'c', 3)");
  EXPECT_EQ(poll_events(look_.connection()), 0);
  look_.execute("INSERT INTO notify_subscriptions (task_id, channel) VALUES ('t1', 'gateway')");
  EXPECT_EQ(poll_events(look_.connection()), 2);
  EXPECT_EQ(poll_events(look_.connection()), 2) << "a poll marks nothing as seen";
  look_.execute("UPDATE notify_subscriptions SET last_event_id = 1");
  EXPECT_EQ(poll_events(look_.connection()), 1);
}

TEST_F(Visits, ASlashCommandAddsAReadyTaskInATransactionOfItsOwn) {
  add("t1", "running");
  add("t2", "ready");
  AcknowledgementLog slash(boards_.acknowledgements(), "slash");
  const tests::StatementTrace trace(look_.connection());
  EXPECT_EQ(slash_add(look_.connection(), slash, "b01", "b01-s000004", kNow), 2) << "running and ready";
  ASSERT_GE(trace.statements().size(), 4u);
  EXPECT_EQ(trace.statements().front(), "BEGIN IMMEDIATE");
  EXPECT_EQ(of("b01-s000004", "status"), "ready");
  EXPECT_EQ(of("b01-s000004", "created_at"), "1700000000");
  EXPECT_EQ(boards_.read_log("slash"), "b01 slash 1\n");
  EXPECT_THAT(read_acknowledged_rows(look_.connection()),
              ElementsAre(Pair("slash", ElementsAre(Pair(1, 1)))));
  EXPECT_TRUE(has_spawnable(look_.connection()));
}

TEST_F(Visits, ASlashCommandThatFailsLeavesNothing) {
  AcknowledgementLog slash(boards_.acknowledgements(), "slash");
  slash_add(look_.connection(), slash, "b01", "s1", kNow);
  EXPECT_THROW(slash_add(look_.connection(), slash, "b01", "s1", kNow), sqlite::Error)
      << "the same task twice";
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_EQ(boards_.read_log("slash"), "b01 slash 1\n");
}

TEST_F(Visits, ADashboardReadsTheLatestEventsAndWritesNothing) {
  EXPECT_EQ(poll_dashboard(look_.connection()), 0);
  add("t1", "ready");
  look_.execute("INSERT INTO events (task_id, kind, created_at) VALUES ('t1', 'a', 1), ('t1', 'b', 2)");
  const std::string before = look_.value("SELECT total_changes()");
  EXPECT_EQ(poll_dashboard(look_.connection()), 2);
  look_.execute(
      "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500) "
      "INSERT INTO events (task_id, kind, created_at) SELECT 't1', 'c', i FROM n");
  EXPECT_EQ(poll_dashboard(look_.connection()), 50) << "the latest, however many there are";
  EXPECT_EQ(look_.value("SELECT total_changes()"), std::to_string(std::stoll(before) + 500));
}

}  // namespace
}  // namespace walsoak::board
