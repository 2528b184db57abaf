// Seeding: the same board for the same seed, a clean file, and nothing but new files of walsoak's own.
#include "harness/boards/board/seed.h"

#include <gmock/gmock.h>

#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using tests::Boards;
using tests::kNow;
using tests::settings_with;

// Every value of every table, in order.
std::string dump(const Board& board) {
  tests::Look look(board);
  std::string text;
  for (const std::string& table :
       look.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")) {
    text += table + "\n";
    sqlite::Statement query(look.connection(), "dump", "SELECT * FROM " + table + " ORDER BY 1, 2");
    sqlite::Statement width(look.connection(), "width", "SELECT count(*) FROM pragma_table_info(:table)");
    width.bind(":table", table).step();
    while (query.step()) {
      for (int column = 0; column < width.integer(0); ++column) text += query.text(column) + "|";
      text += "\n";
    }
  }
  return text;
}

TEST(Seed, TheSameSeedMakesTheSameBoard) {
  const Boards here, there;
  const std::string first = dump(here.seeded("b01", {{"seed", 7}}));
  EXPECT_EQ(first, dump(there.seeded("b01", {{"seed", 7}})));
  EXPECT_GT(first.size(), 5000u);
}

TEST(Seed, AnotherSeedOrAnotherNameMakesAnotherBoard) {
  const Boards here, there;
  const std::string first = dump(here.seeded("b01", {{"seed", 7}}));
  EXPECT_NE(first, dump(there.seeded("b01", {{"seed", 8}})));
  EXPECT_NE(first, dump(here.seeded("b02", {{"seed", 7}})));
}

TEST(Seed, ABoardInUse) {
  const Boards boards;
  tests::Look look(boards.seeded("b01", {{"tasks_per_board", 100}}));
  EXPECT_EQ(look.value("SELECT count(*) FROM tasks"), "100");
  EXPECT_EQ(look.value("SELECT count(*) FROM tasks WHERE status = 'triage'"), "10");
  EXPECT_EQ(look.value("SELECT count(*) FROM tasks WHERE status NOT IN ('triage', 'todo', 'ready')"), "0");
  const int children = std::stoi(look.value("SELECT count(DISTINCT child_id) FROM links"));
  EXPECT_GT(children, 15);
  EXPECT_LT(children, 55);
  EXPECT_EQ(
      look.value(
          "SELECT count(*) FROM tasks WHERE status = 'todo' AND id NOT IN (SELECT child_id FROM links)"),
      "0");
  EXPECT_EQ(look.value("SELECT count(*) FROM links WHERE parent_id >= child_id"), "0")
      << "no circle of parents";
  EXPECT_GT(std::stoi(look.value("SELECT count(*) FROM notify_subscriptions")), 5);
  EXPECT_EQ(look.value("SELECT DISTINCT created_at FROM tasks"), std::to_string(kNow));
  EXPECT_EQ(look.value("SELECT min(id) || ' ' || max(id) FROM tasks"), "b01-t0001 b01-t0100");
  EXPECT_EQ(look.value("SELECT count(*) FROM acknowledgements"), "0");
  EXPECT_EQ(look.value("PRAGMA foreign_key_check"), "");
}

TEST(Seed, TheFileIsMarkedInTheCellsModeAndHasNoSidecar) {
  const Boards boards;
  const auto bytes = [](const Board& board) { return os::read_file(board.path); };
  const Board wal = boards.seeded("b01");
  const Board rollback = boards.seeded("b02", {{"journal_mode", "delete"}});
  EXPECT_EQ(bytes(wal).substr(18, 2), "\x02\x02");
  EXPECT_EQ(bytes(rollback).substr(18, 2), "\x01\x01");
  for (const Board& board : {wal, rollback}) {
    EXPECT_EQ(bytes(board).substr(68, 4), "wsok");
    for (const char* suffix : {"-wal", "-shm", "-journal"})
      EXPECT_FALSE(fs::exists(board.path + suffix)) << suffix;
  }
}

TEST(Seed, RefusesAFileThatIsThere) {
  const Boards boards;
  const Board board = boards.seeded();
  const std::string before = os::read_file(board.path);
  EXPECT_THROW(seed_board(board, settings_with({{"seed", 2}}), kNow), std::runtime_error);
  EXPECT_EQ(os::read_file(board.path), before);
}

TEST(Seed, RefusesToWriteOutsideARunFolder) {
  const Boards boards;
  const Board board{"b01", boards.outside("kanban.db"), 0};
  EXPECT_THROW(seed_board(board, settings_with(), kNow), std::runtime_error);
  EXPECT_FALSE(fs::exists(board.path));
}

TEST(Seed, RefusesALinkThatLeadsOutside) {
  const Boards boards;
  const Board board = boards.named("b01");
  fs::create_directories(fs::path(board.path).parent_path());
  fs::create_symlink(boards.outside("victim.db"), board.path);
  EXPECT_THROW(seed_board(board, settings_with(), kNow), std::runtime_error);
  EXPECT_FALSE(fs::exists(boards.outside("victim.db")));
}

}  // namespace
}  // namespace walsoak::board
