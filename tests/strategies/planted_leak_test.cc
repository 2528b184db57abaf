// planted-leak: exactly the connections that it promises to keep, and no other.
#include <gmock/gmock.h>

#include "tests/strategies/fake_host.h"

namespace walsoak {
namespace {

using sqlite::Actor;

TEST(PlantedLeak, KeepsOneConnectionEveryLeakEveryPasses) {
  FakeHost host("planted-leak", {{"leak_every", 3}});
  const auto strategy = make_strategy("planted-leak", host);
  const board::Board board = fake_board(0);
  for (int pass = 1; pass <= 10; ++pass) {
    EXPECT_TRUE(strategy->use(board, Actor::dispatcher, read_something));
    EXPECT_EQ(host.open(board), pass / 3) << pass;
  }
  EXPECT_EQ(host.connects_.size(), 13u);
  EXPECT_TRUE(host.dropped_.empty());
  strategy->close_all();
  EXPECT_EQ(host.open(board), 0);
}

TEST(PlantedLeak, ForTheDispatcherAndTheFirstBoardAlone) {
  FakeHost host("planted-leak", {{"leak_every", 1}});
  const auto strategy = make_strategy("planted-leak", host);
  for (const Actor actor : {Actor::probe, Actor::inside, Actor::notifier, Actor::triage}) {
    strategy->use(fake_board(0), actor, read_something);
  }
  for (const std::size_t index : {1u, 2u})
    strategy->use(fake_board(index), Actor::dispatcher, read_something);
  for (const std::size_t index : {0u, 1u, 2u}) EXPECT_EQ(host.open(fake_board(index)), 0);
  strategy->use(fake_board(0), Actor::dispatcher, read_something);
  EXPECT_EQ(host.open(fake_board(0)), 1);
}

TEST(PlantedLeak, APassThatFailedKeepsNothingAndDoesNotCount) {
  FakeHost host("planted-leak", {{"leak_every", 2}});
  const auto strategy = make_strategy("planted-leak", host);
  const board::Board board = fake_board(0);
  const auto fail = [](sqlite::Connection&) { fail_with(SQLITE_BUSY); };
  strategy->use(board, Actor::dispatcher, read_something);
  EXPECT_THROW(strategy->use(board, Actor::dispatcher, fail), sqlite::Error);
  EXPECT_EQ(host.open(board), 0);
  strategy->use(board, Actor::dispatcher, read_something);
  EXPECT_EQ(host.open(board), 1);
}

// A connection that has read holds main, -wal and a lock: what the ledgers must find.
TEST(PlantedLeak, WhatIsKeptHoldsTheWal) {
  const tests::Boards boards;
  const board::Board board = boards.seeded();
  FakeHost host("planted-leak", {{"leak_every", 1}});
  host.real_boards_ = true;
  const auto strategy = make_strategy("planted-leak", host);
  strategy->use(board, Actor::dispatcher, read_something);
  EXPECT_TRUE(std::filesystem::exists(board.path + "-wal"));
  strategy->close_all();
  EXPECT_FALSE(std::filesystem::exists(board.path + "-wal"));
}

}  // namespace
}  // namespace walsoak
