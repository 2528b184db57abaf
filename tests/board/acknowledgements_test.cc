// Acknowledged writes: the log never says more than was committed, and no number is used twice.
#include "harness/boards/board/acknowledgements.h"

#include <gmock/gmock.h>

#include <functional>

#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class Acknowledgements : public testing::Test {
 protected:
  void insert_comment() {
    look_.execute(
        "INSERT INTO comments (task_id, author, body, created_at) SELECT id, 'a', 'b', 1 FROM tasks LIMIT 1");
  }
  void commit_one() {
    WriteTransaction transaction(look_.connection(), log_, "b01");
    insert_comment();
    transaction.commit();
  }
  std::string comments() { return look_.value("SELECT count(*) FROM comments"); }
  AcknowledgedRows rows() { return read_acknowledged_rows(look_.connection()); }
  std::string log() { return boards_.read_log("w0001"); }

  tests::Boards boards_;
  Board board_ = boards_.seeded();
  tests::Look look_{board_};
  AcknowledgementLog log_{boards_.acknowledgements(), "w0001"};
};

TEST_F(Acknowledgements, ACommitLeavesItsRowAndItsLine) {
  commit_one();
  commit_one();
  EXPECT_EQ(log(), "b01 w0001 1\nb01 w0001 2\n");
  EXPECT_THAT(rows(), ElementsAre(Pair("w0001", ElementsAre(Pair(1, 2)))));
  EXPECT_EQ(comments(), "2");
}

// The log, read while COMMIT is on its way, must not say yet that it happened.
TEST_F(Acknowledgements, TheLineIsWrittenAfterCommitHasReturned) {
  std::vector<std::string> logs;
  std::function<void()> look = [&] { logs.push_back(log()); };
  const auto hook = [](void* context) {
    (*static_cast<std::function<void()>*>(context))();
    return 0;
  };
  sqlite3_commit_hook(look_.connection().handle(), hook, &look);
  commit_one();
  commit_one();
  EXPECT_THAT(logs, ElementsAre("", "b01 w0001 1\n"));
  EXPECT_EQ(log(), "b01 w0001 1\nb01 w0001 2\n");
}

TEST_F(Acknowledgements, ACommitThatFailsIsNotLoggedAndItsNumberIsNotUsedAgain) {
  look_.execute("PRAGMA foreign_keys=ON");
  {
    WriteTransaction transaction(look_.connection(), log_, "b01");
    look_.execute("PRAGMA defer_foreign_keys=ON; INSERT INTO links VALUES ('nobody', 'nothing')");
    try {
      transaction.commit();
      ADD_FAILURE() << "a dangling link was committed";
    } catch (const sqlite::Error& error) {
      EXPECT_EQ(error.code(), SQLITE_CONSTRAINT_FOREIGNKEY);
      EXPECT_EQ(error.where(), "COMMIT");
    }
    EXPECT_TRUE(look_.connection().in_transaction()) << "until the transaction is left";
  }
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_EQ(log(), "");
  EXPECT_THAT(rows(), IsEmpty());
  commit_one();
  EXPECT_EQ(log(), "b01 w0001 2\n");
  EXPECT_THAT(rows(), ElementsAre(Pair("w0001", ElementsAre(Pair(2, 2)))));
}

TEST_F(Acknowledgements, LeavingWithoutCommitRollsBack) {
  {
    const WriteTransaction transaction(look_.connection(), log_, "b01");
    insert_comment();
    EXPECT_TRUE(look_.connection().in_transaction());
  }
  EXPECT_FALSE(look_.connection().in_transaction());
  EXPECT_EQ(comments(), "0");
  EXPECT_EQ(log(), "");
}

TEST_F(Acknowledgements, AnEmptyTransactionAcknowledgesNothingAndUsesNoNumber) {
  WriteTransaction(look_.connection(), log_, "b01").commit_empty();
  EXPECT_EQ(log(), "");
  EXPECT_THAT(rows(), IsEmpty());
  commit_one();
  EXPECT_EQ(log(), "b01 w0001 1\n");
}

TEST_F(Acknowledgements, AnotherWritersTransactionKeepsOursOut) {
  sqlite::ApiLedger ledger;
  sqlite::Connection::Options options;
  options.busy_timeout_ms = 0;
  sqlite::Connection other(board_.path, options, ledger);
  const WriteTransaction first(look_.connection(), log_, "b01");
  AcknowledgementLog other_log(boards_.acknowledgements(), "w0002");
  try {
    WriteTransaction(other, other_log, "b01").commit();
    ADD_FAILURE() << "two writers at once";
  } catch (const sqlite::Error& error) {
    EXPECT_EQ(error.code(), SQLITE_BUSY);
    EXPECT_EQ(error.where(), "BEGIN IMMEDIATE");
  }
  EXPECT_EQ(boards_.read_log("w0002"), "");
}

TEST_F(Acknowledgements, EachBoardHasItsOwnNumbers) {
  EXPECT_EQ(log_.next("b01"), 1);
  EXPECT_EQ(log_.next("b02"), 1);
  EXPECT_EQ(log_.next("b01"), 2);
}

TEST_F(Acknowledgements, RowsAreClosedRangesByWriter) {
  look_.execute(
      "INSERT INTO acknowledgements VALUES ('w0002', 8), ('w0002', 7), ('w0002', 1), ('w0002', 2),"
      "('w0002', 3), ('w0002', 5), ('dispatcher', 4)");
  EXPECT_THAT(rows(), ElementsAre(Pair("dispatcher", ElementsAre(Pair(4, 4))),
                                  Pair("w0002", ElementsAre(Pair(1, 3), Pair(5, 5), Pair(7, 8)))));
}

TEST_F(Acknowledgements, ALogIsAppendedToAndLiesInTheRunFolderOnly) {
  commit_one();
  AcknowledgementLog(boards_.acknowledgements(), "w0001").append("b02", 9);
  EXPECT_EQ(log(), "b01 w0001 1\nb02 w0001 9\n");
  EXPECT_THROW(AcknowledgementLog(boards_.outside("."), "w0001"), std::runtime_error);
  EXPECT_FALSE(std::filesystem::exists(boards_.outside("w0001.log")));
}

}  // namespace
}  // namespace walsoak::board
