// A byte copy of somebody's board becomes a board of a cell.
#include "harness/boards/board/adopt.h"

#include <gmock/gmock.h>

#include <fstream>

#include "harness/boards/board/acknowledgements.h"
#include "harness/boards/board/connect.h"
#include "tests/board/boards.h"
#include "tests/os/forked_child.h"

namespace walsoak::board {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Adopt : public testing::Test {
 protected:
  void adopt(const nlohmann::json& settings = {}) {
    adopt_board(board_, tests::settings_with(settings), tests::kNow, "/theirs/kanban.db");
  }
  std::string error_of_adopting() {
    try {
      adopt();
    } catch (const AppError& error) {
      EXPECT_EQ(error.kind(), "template");
      EXPECT_THAT(error.what(), testing::StartsWith("board_template /theirs/kanban.db: "));
      EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
      return error.what();
    }
    ADD_FAILURE() << "no error";
    return "";
  }
  bool has_sidecar() const {
    for (const char* suffix : {"-wal", "-shm", "-journal"})
      if (fs::exists(board_.path + suffix)) return true;
    return false;
  }

  tests::Boards boards_;
  Board board_ = boards_.seeded();
};

TEST_F(Adopt, RecoversTheRowsOfTheWalAndLeavesNoSidecar) {
  {
    // Ended without a close, as the copy of a board in use is.
    const tests::ForkedChild writer([&] {
      static sqlite::ApiLedger ledger;
      auto* const connection = new sqlite::Connection(board_.path, {}, ledger);
      connection->execute("title", "UPDATE tasks SET title = 'only in the wal' WHERE id = 'b01-t0003'");
    });
  }
  ASSERT_GT(fs::file_size(board_.path + "-wal"), 0u);
  fs::remove(board_.path + "-shm");
  adopt();
  EXPECT_FALSE(has_sidecar());
  EXPECT_EQ(tests::Look(board_).value("SELECT title FROM tasks WHERE id = 'b01-t0003'"), "only in the wal");
}

TEST_F(Adopt, TasksKeepTheirStateButNobodyHasAClaim) {
  tests::Look(board_).execute(
      "UPDATE tasks SET status = 'running', claim_lock = 'host:1', claim_expires = 9999999999, worker_pid = "
      "1,"
      " attempts = 2 WHERE id = 'b01-t0001';"
      "UPDATE tasks SET status = 'review-running', claim_lock = 'host:2', worker_pid = 2 WHERE id = "
      "'b01-t0002';"
      "UPDATE tasks SET status = 'running', claim_lock = 'host:3' WHERE id = 'b01-t0003';"
      "UPDATE tasks SET status = 'done', worker_pid = 4 WHERE id = 'b01-t0004';"
      "UPDATE tasks SET status = 'blocked', block_reason = 'why' WHERE id = 'b01-t0005'");
  adopt();
  tests::Look look(board_);
  EXPECT_THAT(
      look.rows("SELECT substr(id, 5) || ' ' || status || ' ' || attempts FROM tasks ORDER BY id LIMIT 5"),
      testing::ElementsAre("t0001 ready 2", "t0002 review 0", "t0003 ready 0", "t0004 done 0",
                           "t0005 blocked 0"));
  EXPECT_EQ(look.value("SELECT count(*) FROM tasks WHERE claim_lock IS NOT NULL OR claim_expires IS NOT NULL"
                       " OR worker_pid IS NOT NULL"),
            "0");
  EXPECT_EQ(look.value("SELECT count(*) FROM tasks"), "20");
}

TEST_F(Adopt, NothingIsAcknowledgedOnIt) {
  tests::Look(board_).execute("INSERT INTO acknowledgements VALUES ('w0001', 1), ('dispatcher', 7)");
  adopt();
  tests::Look look(board_);
  EXPECT_TRUE(read_acknowledged_rows(look.connection()).empty());
}

TEST_F(Adopt, TheAcknowledgementTableIsMadeWhereItIsMissing) {
  tests::Look(board_).execute("DROP TABLE acknowledgements");
  adopt();
  EXPECT_EQ(tests::Look(board_).value("SELECT count(*) FROM acknowledgements"), "0");
}

TEST_F(Adopt, IsMarkedAndInTheCellsMode) {
  for (const char* mode : {"delete", "wal", "delete"}) {
    tests::Look(board_).execute("PRAGMA application_id=0");
    adopt({{"journal_mode", mode}});
    const std::string bytes = os::read_file(board_.path);
    EXPECT_EQ(bytes.substr(18, 2), std::string(mode) == "wal" ? "\x02\x02" : "\x01\x01") << mode;
    EXPECT_EQ(bytes.substr(68, 4), "wsok");
    EXPECT_FALSE(has_sidecar());
  }
}

TEST_F(Adopt, WhatDoesNotFitIsNamed) {
  tests::Look(board_).execute("DROP TABLE runs; ALTER TABLE events RENAME COLUMN kind TO type");
  EXPECT_THAT(error_of_adopting(), HasSubstr("does not fit: it has no table runs; no column events.kind; "));
}

TEST_F(Adopt, AWriteThatWouldFailIsNamed) {
  tests::Look(board_).execute(
      "CREATE TRIGGER strict BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no events here'); END");
  EXPECT_THAT(error_of_adopting(), HasSubstr("no events here (insert_event)"));
}

TEST_F(Adopt, DamageIsToldInTheWordsOfIntegrityCheck) {
  tests::Look(board_).execute(
      "PRAGMA writable_schema=ON;"
      "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'events_by_task')"
      " WHERE name = 'tasks_by_assignee'");
  EXPECT_THAT(error_of_adopting(), HasSubstr("is damaged; integrity_check of its copy says: "));
}

TEST_F(Adopt, WhatSqliteCannotReadIsNamedToo) {
  std::fstream(board_.path, std::ios::in | std::ios::out | std::ios::binary).seekp(20)
      << std::string(80, '\xa5');
  EXPECT_THAT(error_of_adopting(), HasSubstr("file is not a database"));
}

TEST_F(Adopt, OutsideARunFolderNothingIsOpened) {
  const Board outside{"b01", boards_.outside("kanban.db"), 0};
  fs::copy_file(board_.path, outside.path);
  const std::string before = os::read_file(outside.path);
  EXPECT_THROW(adopt_board(outside, tests::settings_with({{"journal_mode", "delete"}}), tests::kNow, "x"),
               std::runtime_error);
  EXPECT_EQ(os::read_file(outside.path), before);
}

TEST_F(Adopt, TheOtherBoardsAreCopies) {
  adopt();
  const Board other = boards_.named("b02", 1);
  copy_adopted(board_, other);
  EXPECT_EQ(os::read_file(other.path), os::read_file(board_.path));
  EXPECT_THROW(copy_adopted(board_, {"b03", boards_.outside("kanban.db"), 2}), std::runtime_error);
}

}  // namespace
}  // namespace walsoak::board
