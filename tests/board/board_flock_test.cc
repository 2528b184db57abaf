#include "harness/boards/board/board_flock.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>

#include <filesystem>

#include "harness/boards/board/connect.h"
#include "tests/board/boards.h"

namespace walsoak::board {
namespace {

bool is_free(const std::string& file) {
  const os::Descriptor other(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  return ::flock(other.get(), LOCK_EX | LOCK_NB) == 0;
}

TEST(BoardFlock, IsHeldForAsLongAsItLasts) {
  const tests::Boards boards;
  const Board board = boards.seeded();
  {
    const BoardFlock lock(board.path, true, kTryOnce);
    EXPECT_FALSE(is_free(board.path + ".lock"));
  }
  EXPECT_TRUE(is_free(board.path + ".lock"));
}

TEST(BoardFlock, IsNoFileWhereItIsNotWanted) {
  const tests::Boards boards;
  const Board board = boards.seeded();
  const BoardFlock lock(board.path, false, kTryOnce);
  EXPECT_FALSE(std::filesystem::exists(board.path + ".lock"));
}

TEST(BoardFlock, IsRefusedBesideAFileThatWalsoakDidNotMake) {
  EXPECT_ANY_THROW(BoardFlock("/etc/hostname", true, kTryOnce));
  EXPECT_FALSE(std::filesystem::exists("/etc/hostname.lock"));
}

TEST(BoardFlock, IsNotWaitedForByTheThreadThatHasIt) {
  const tests::Boards boards;
  const Board board = boards.seeded();
  {
    const BoardFlock pass(board.path, true, kTryOnce);
    { const BoardFlock initialisation(board.path, true, kTryOnce); }
    EXPECT_FALSE(is_free(board.path + ".lock")) << "the inner one ends nothing";
  }
  const BoardFlock again(board.path, true, kTryOnce);
  EXPECT_FALSE(is_free(board.path + ".lock"));
}

TEST(BoardFlock, IsMissedWhereAnotherHasItForAsLongAsItIsTried) {
  const tests::Boards boards;
  const Board board = boards.seeded();
  const os::Descriptor other(::open((board.path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
  EXPECT_TRUE(BoardFlock(board.path, true, kTryOnce).missed());
  EXPECT_TRUE(BoardFlock(board.path, true, std::chrono::milliseconds(50)).missed());
  EXPECT_FALSE(BoardFlock(board.path, false, kTryOnce).missed());
  ASSERT_EQ(::flock(other.get(), LOCK_UN), 0);
  EXPECT_FALSE(BoardFlock(board.path, true, kTryOnce).missed()) << "a try that failed leaves nothing behind";
}

TEST(BoardFlock, OfAnInitialisationIsTakenAtTheFirstOpenAlone) {
  const tests::Boards boards;
  const Board board = boards.seeded();
  Settings settings = tests::settings_with({{"flock", "init"}});
  sqlite::ApiLedger api;
  Connector connector(settings, api);
  connector.connect(board, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread)->close();
  EXPECT_TRUE(std::filesystem::remove(board.path + ".lock"));
  connector.connect(board, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread)->close();
  EXPECT_FALSE(std::filesystem::exists(board.path + ".lock"));
}

}  // namespace
}  // namespace walsoak::board
