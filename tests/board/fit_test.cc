// What a board needs so that walsoak's statements run on it: found out from board.sql, not listed twice.
#include "harness/boards/board/fit.h"

#include <gmock/gmock.h>

#include "harness/boards/board/statements.h"
#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

using testing::Contains;
using testing::Not;

class Fit : public testing::Test {
 protected:
  void change(const std::string& sql) { look_.execute(sql); }
  std::string missing() { return misfit(look_.connection()); }
  // "<statement>: <message>", or "".
  std::string write_error() {
    try {
      try_writes(look_.connection(), tests::kNow);
      return "";
    } catch (const sqlite::Error& error) {
      return error.where() + ": " + error.what();
    }
  }

  tests::Boards boards_;
  tests::Look look_{boards_.seeded()};
};

TEST_F(Fit, ColumnsInUseAreThoseOfStatementsAndIndexes) {
  const auto used = columns_in_use();
  EXPECT_EQ(used.size(), 6u);
  EXPECT_FALSE(used.contains("acknowledgements"));
  EXPECT_THAT(used.at("links"), testing::ElementsAre("parent_id", "child_id"));
  EXPECT_THAT(used.at("tasks"),
              testing::IsSupersetOf({"id", "status", "claim_lock", "worker_pid", "attempts"}));
  EXPECT_THAT(used.at("tasks"), Contains("idempotency_key")) << "an insert's, and an index's";
  EXPECT_THAT(used.at("tasks"), Not(Contains("tenant")));
  EXPECT_THAT(used.at("tasks"), Not(Contains("scheduled_at")));
  EXPECT_THAT(used.at("comments"), Contains("author")) << "an insert's alone";
}

TEST_F(Fit, WalsoaksOwnBoardsFit) {
  EXPECT_EQ(missing(), "");
  EXPECT_EQ(write_error(), "");
}

TEST_F(Fit, ARicherBoardFits) {
  change(
      "ALTER TABLE tasks ADD COLUMN colour TEXT; CREATE TABLE profiles (name TEXT); DROP TABLE "
      "acknowledgements;"
      "CREATE VIEW busy AS SELECT * FROM tasks WHERE status = 'running'");
  EXPECT_EQ(missing(), "");
}

TEST_F(Fit, AColumnThatNothingUsesMayBeMissing) {
  change("ALTER TABLE tasks DROP COLUMN tenant");
  EXPECT_EQ(missing(), "");
  EXPECT_EQ(write_error(), "");
}

TEST_F(Fit, EveryMissingTableAndColumnIsNamed) {
  change(
      "DROP TABLE links; DROP TABLE runs; ALTER TABLE tasks RENAME COLUMN claim_lock TO lock;"
      "ALTER TABLE tasks DROP COLUMN attempts; ALTER TABLE events RENAME COLUMN kind TO type");
  EXPECT_EQ(missing(), "no tables links, runs; no columns events.kind, tasks.claim_lock, tasks.attempts");
}

TEST_F(Fit, OneIsToldInTheSingular) {
  change("ALTER TABLE comments RENAME COLUMN author TO writer");
  EXPECT_EQ(missing(), "no column comments.author");
}

TEST_F(Fit, AViewIsNoTable) {
  change("ALTER TABLE runs RENAME TO task_runs; CREATE VIEW runs AS SELECT * FROM task_runs");
  EXPECT_EQ(missing(), "no table runs");
}

TEST_F(Fit, NamesAreComparedWithoutRegardToCase) {
  change(
      "ALTER TABLE runs RENAME COLUMN writer TO WRITER; ALTER TABLE runs RENAME TO other; ALTER TABLE other "
      "RENAME TO Runs");
  EXPECT_EQ(missing(), "");
}

TEST_F(Fit, AnEmptyDatabaseMissesEveryTable) {
  sqlite::ApiLedger ledger;
  sqlite::Connection empty(":memory:", {}, ledger);
  EXPECT_EQ(misfit(empty), "no tables comments, events, links, notify_subscriptions, runs, tasks");
}

TEST_F(Fit, TriedWritesLeaveNothing) {
  const std::string count =
      "SELECT (SELECT count(*) FROM tasks) || ' ' || (SELECT count(*) FROM events) || ' ' ||"
      " (SELECT count(*) FROM runs) || ' ' || (SELECT count(*) FROM comments) || ' ' ||"
      " (SELECT count(*) FROM acknowledgements)";
  const std::string before = look_.value(count);
  EXPECT_EQ(write_error(), "");
  EXPECT_EQ(look_.value(count), before);
  EXPECT_FALSE(look_.connection().in_transaction());
}

TEST_F(Fit, AColumnThatMustBeFilledByWhoKnowsItIsAnError) {
  change(
      "DROP TABLE runs; CREATE TABLE runs (id INTEGER PRIMARY KEY, task_id TEXT, writer TEXT, status TEXT,"
      " started_at INTEGER, ended_at INTEGER, profile TEXT NOT NULL)");
  EXPECT_EQ(missing(), "");
  EXPECT_EQ(write_error(), "insert_run: NOT NULL constraint failed: runs.profile");
  EXPECT_FALSE(look_.connection().in_transaction());
}

TEST_F(Fit, AStatusThatIsForbiddenIsAnError) {
  change(
      "CREATE TRIGGER strict BEFORE UPDATE ON tasks WHEN new.status = 'review-running'"
      " BEGIN SELECT RAISE(ABORT, 'unknown status'); END");
  EXPECT_EQ(write_error(), "claim: unknown status");
}

TEST_F(Fit, ATriggerThatRollsBackIsAnErrorToo) {
  change("CREATE TRIGGER strict BEFORE INSERT ON comments BEGIN SELECT RAISE(ROLLBACK, 'closed'); END");
  EXPECT_EQ(write_error(), "worker_comment: closed");
  EXPECT_FALSE(look_.connection().in_transaction());
}

}  // namespace
}  // namespace walsoak::board
