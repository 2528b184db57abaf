// A look at a live board from outside changes nothing for those who use it.
#include "tests/checker/holders.h"

namespace walsoak::checker {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::Key;
using testing::Pair;

using LookOutside = LookTest;

TEST_F(LookOutside, ABoardWithAWalIsReadThroughAReadOnlyConnection) {
  const tests::ForkedChild holder([&] { hold(board_, 3); });
  const auto before = folder_of(board_);
  for (int look = 0; look < 3; ++look) {
    const Look seen = look_outside(board_, scratch());
    EXPECT_EQ(seen.how, "mode=ro");
    EXPECT_EQ(seen.rows, rows_to(3)) << "what is committed, the main file or the -wal";
  }
  EXPECT_EQ(folder_of(board_), before);
  EXPECT_THAT(before, Contains(Key("kanban.db-wal")));
  EXPECT_FALSE(fs::exists(scratch()));
}

// The case that matters: nothing of the holder's own keeps others from unlinking what it holds.
TEST_F(LookOutside, BothSidecarsStayEvenWhereTheHolderHasLostItsLock) {
  const tests::ForkedChild holder([&] {
    hold(board_, 3);
    ::close(tests::open_file(board_.path, O_RDONLY));
  });
  const auto before = folder_of(board_);
  for (int look = 0; look < 3; ++look) EXPECT_EQ(look_outside(board_, scratch()).rows, rows_to(3));
  EXPECT_EQ(folder_of(board_), before);
  EXPECT_THAT(before, Contains(Key("kanban.db-shm")));
}

// The control of the test above: an ordinary connection is the last one there, and unlinks.
TEST_F(LookOutside, AnOrdinaryConnectionWouldHaveUnlinkedThem) {
  const tests::ForkedChild holder([&] {
    hold(board_, 3);
    ::close(tests::open_file(board_.path, O_RDONLY));
  });
  EXPECT_EQ(tests::Look(board_).value("SELECT count(*) FROM acknowledgements"), "3");
  EXPECT_THAT(folder_of(board_), ElementsAre(Pair("kanban.db", testing::_)));
}

TEST_F(LookOutside, ABoardWithoutAWalIsReadFromAByteCopy) {
  tests::Look(board_).execute("INSERT INTO acknowledgements VALUES ('w0001', 1), ('w0001', 2)");
  const auto before = folder_of(board_);
  for (int look = 0; look < 3; ++look) {
    const Look seen = look_outside(board_, scratch());
    EXPECT_EQ(seen.how, "byte copy");
    EXPECT_EQ(seen.rows, rows_to(2));
  }
  EXPECT_EQ(folder_of(board_), before) << "no sidecar beside the live board";
  EXPECT_TRUE(fs::exists(scratch() / "b01" / "kanban.db"));
}

TEST_F(LookOutside, EachLookCopiesAnew) {
  EXPECT_TRUE(look_outside(board_, scratch()).rows.empty());
  tests::Look(board_).execute("INSERT INTO acknowledgements VALUES ('w0001', 1)");
  EXPECT_EQ(look_outside(board_, scratch()).rows, rows_to(1));
}

TEST_F(LookOutside, ABoardInDeleteModeHasItsHotJournalCopiedToo) {
  const board::Board board = boards_.seeded("b02", {{"journal_mode", "delete"}});
  tests::Look(board).execute("INSERT INTO acknowledgements VALUES ('w0001', 1)");
  // A writer that dies when parts of its transaction are in the main file already.
  {
    const tests::ForkedChild writer([&] {
      hold(board, 0);
      static sqlite::ApiLedger ledger;
      auto* const connection = new sqlite::Connection(board.path, {}, ledger);
      connection->execute("half",
                          "PRAGMA cache_size=1; BEGIN IMMEDIATE; DELETE FROM acknowledgements;"
                          "UPDATE tasks SET body = hex(randomblob(3000))");
    });
  }
  EXPECT_TRUE(fs::exists(board.path + "-journal"));
  const auto before = folder_of(board);
  const Look seen = look_outside(board, scratch());
  EXPECT_EQ(seen.how, "byte copy");
  EXPECT_EQ(seen.rows, rows_to(1)) << "rolled back, in the copy";
  EXPECT_EQ(folder_of(board), before);
}

TEST_F(LookOutside, NamesThatMeanSomethingInAUriAreNames) {
  std::size_t index = 0;
  for (const char* name : {"100%41", "what?mode=rwc", "a#b", "with space", "b%3f&cache=shared", "ünïcode"}) {
    SCOPED_TRACE(name);
    board::Board board{name, (boards_.run().path() / "boards" / name / (std::string(name) + ".db")).string(),
                       index++};
    board::seed_board(board, tests::settings_with(), tests::kNow);
    const tests::ForkedChild holder([&] { hold(board, 2); });
    const auto before = folder_of(board);
    const Look seen = look_outside(board, scratch());
    EXPECT_EQ(seen.how, "mode=ro");
    EXPECT_EQ(seen.rows, rows_to(2));
    EXPECT_EQ(folder_of(board), before);
  }
}

// In mid-cell even a read-only connection would take locks, and rebuild the -shm where nobody else holds it.
TEST_F(LookOutside, ACopyTakesNoLockAndSeesWhatIsInTheWal) {
  const tests::ForkedChild holder([&] { hold(board_, 3); });
  const auto before = folder_of(board_);
  EXPECT_THAT(before, Contains(Key("kanban.db-wal")));
  for (int look = 0; look < 3; ++look) {
    const Look seen = look_at_copy(board_, scratch());
    EXPECT_EQ(seen.how, "byte copy");
    EXPECT_EQ(seen.rows, rows_to(3));
  }
  EXPECT_EQ(folder_of(board_), before);
}

TEST_F(LookOutside, ABoardThatIsGoneIsAnError) {
  EXPECT_THROW(look_outside(boards_.named("b09"), scratch()), sqlite::Error);
  EXPECT_FALSE(fs::exists(boards_.named("b09").path));
}

}  // namespace
}  // namespace walsoak::checker
