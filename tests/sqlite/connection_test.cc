// Connections and statements: errors with their extended codes, affinity, the API ledger by actor.
#include "harness/boards/sqlite/connection.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <functional>
#include <iterator>
#include <thread>

#include "harness/base/os/clock.h"
#include "tests/sqlite/database.h"

namespace walsoak::sqlite {
namespace {

class ConnectionTest : public Database {
 protected:
  std::int64_t opened(Actor actor) const {
    return api_.counts(path_).opened[static_cast<std::size_t>(actor)];
  }
  std::int64_t closed(Actor actor) const {
    return api_.counts(path_).closed[static_cast<std::size_t>(actor)];
  }

  Handle open_as(Affinity affinity) {
    Connection::Options options;
    options.affinity = affinity;
    return std::make_unique<Connection>(path_, options, api_);
  }

  static Error error_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Error& error) {
      return error;
    }
    ADD_FAILURE() << "no error";
    return {0, "", ""};
  }
};

TEST_F(ConnectionTest, OpensAndClosesCountForTheActorThatOpened) {
  Handle probe = open(Actor::probe);
  Handle first = open(Actor::triage);
  Handle second = open(Actor::triage);
  EXPECT_EQ(opened(Actor::probe), 1);
  EXPECT_EQ(opened(Actor::triage), 2);
  EXPECT_EQ(opened(Actor::dispatcher), 0);
  EXPECT_EQ(closed(Actor::triage), 0);
  const ActorScope other(Actor::held);
  first.reset();
  second->close();
  EXPECT_EQ(closed(Actor::triage), 2);
  EXPECT_EQ(closed(Actor::probe), 0);
  EXPECT_EQ(closed(Actor::held), 0);
  EXPECT_EQ(api_.counts(path_).open(), 1);
}

TEST_F(ConnectionTest, ClosingTwiceCountsOnce) {
  Handle connection = open();
  connection->close();
  connection->close();
  connection.reset();
  EXPECT_EQ(closed(Actor::dispatcher), 1);
  EXPECT_EQ(vfs_.main.open, 0);
}

TEST_F(ConnectionTest, ADatabaseThatNobodyOpenedIsAtZero) {
  EXPECT_EQ(api_.counts("/nowhere").open(), 0);
}

TEST_F(ConnectionTest, AnActorScopeEndsWithItsBlock) {
  EXPECT_EQ(current_actor(), Actor::dispatcher);
  {
    const ActorScope outer(Actor::notifier);
    {
      const ActorScope inner(Actor::worker);
      EXPECT_EQ(current_actor(), Actor::worker);
    }
    EXPECT_EQ(current_actor(), Actor::notifier);
    Actor seen = Actor::checker;
    std::thread([&] { seen = current_actor(); }).join();
    EXPECT_EQ(seen, Actor::dispatcher) << "a scope is its thread's";
  }
  EXPECT_EQ(current_actor(), Actor::dispatcher);
}

TEST_F(ConnectionTest, AnOwnersConnectionIsItsThreadsAlone) {
  const Handle connection = open_as(Affinity::owner_thread);
  std::thread([&] {
    EXPECT_THROW(connection->execute("x", "SELECT 1"), AffinityError);
    EXPECT_THROW(Statement(*connection, "x", "SELECT 1"), AffinityError);
    EXPECT_THROW(connection->close(), AffinityError);
  }).join();
  EXPECT_EQ(api_.counts(path_).open(), 1);
  connection->execute("x", "SELECT 1");
}

TEST_F(ConnectionTest, AStatementIsHeldToTheAffinityToo) {
  const Handle connection = open();
  Statement statement(*connection, "x", "SELECT 1");
  std::thread([&] { EXPECT_THROW(statement.step(), AffinityError); }).join();
  EXPECT_TRUE(statement.step());
}

TEST_F(ConnectionTest, AnyThreadMayCloseWhatACollectorFrees) {
  const Handle connection = open_as(Affinity::any_thread_close);
  std::thread([&] {
    EXPECT_THROW(connection->execute("x", "SELECT 1"), AffinityError);
    EXPECT_NO_THROW(connection->close());
  }).join();
  EXPECT_EQ(api_.counts(path_).open(), 0);
}

TEST_F(ConnectionTest, ASerializedConnectionIsEverybodysInTurn) {
  const Handle connection = open_as(Affinity::serialized);
  std::thread([&] {
    EXPECT_THROW(connection->execute("x", "SELECT 1"), AffinityError) << "no turn was taken";
    const Connection::Turn turn(*connection);
    const Connection::Turn nested(*connection);
    EXPECT_EQ(connection->value("x", "SELECT 41 + 1"), "42");
    connection->close();
  }).join();
  EXPECT_EQ(api_.counts(path_).open(), 0);
  EXPECT_EQ(api_.affinity_errors(), 1);
}

TEST_F(ConnectionTest, ATransactionOfOneTurnIsNotBrokenIntoByAnother) {
  const Handle connection = open_as(Affinity::serialized);
  const auto transfer = [&connection] {
    for (int i = 0; i < 20; ++i) {
      const Connection::Turn turn(*connection);
      connection->execute("x", "BEGIN");
      std::this_thread::yield();
      connection->execute("x", "COMMIT");
    }
  };
  std::thread other(transfer);
  EXPECT_NO_THROW(transfer());
  other.join();
  const Connection::Turn turn(*connection);
  connection->close();
}

// The letter of a thread of this process: S where it sleeps, as behind a lock.
char state_of(pid_t thread) {
  std::ifstream stat("/proc/self/task/" + std::to_string(thread) + "/stat");
  const std::string text{std::istreambuf_iterator<char>(stat), {}};
  const std::size_t behind_name = text.rfind(')');
  return behind_name == std::string::npos ? '?' : text[behind_name + 2];
}

TEST_F(ConnectionTest, TheWaitForATurnIsCounted) {
  const Handle connection = open_as(Affinity::serialized);
  { const Connection::Turn alone(*connection); }
  const std::int64_t without_a_wait_us = api_.lock_wait_us();
  std::atomic<pid_t> asking = 0;
  std::thread other;
  {
    const Connection::Turn turn(*connection);
    other = std::thread([&] {
      asking = ::gettid();
      const Connection::Turn waited(*connection);
      connection->close();
    });
    while (asking == 0 || state_of(asking) != 'S') std::this_thread::yield();
    // The other sleeps behind the lock: from here on any time that passes is a wait of its.
    const std::int64_t begin_us = os::system_clock().monotonic_us();
    while (os::system_clock().monotonic_us() == begin_us) std::this_thread::yield();
  }
  other.join();
  EXPECT_GT(api_.lock_wait_us(), without_a_wait_us);
}

TEST_F(ConnectionTest, AForeignThreadsUseIsCounted) {
  const Handle connection = open();
  std::thread([&] { EXPECT_THROW(connection->execute("x", "SELECT 1"), AffinityError); }).join();
  EXPECT_EQ(api_.affinity_errors(), 1);
}

TEST_F(ConnectionTest, AffinitiesHaveTheNamesOfTheRecord) {
  EXPECT_EQ(name_of(Affinity::owner_thread), "owner-thread");
  EXPECT_EQ(name_of(Affinity::any_thread_close), "any-thread-close");
  EXPECT_EQ(name_of(Affinity::serialized), "serialized");
}

TEST_F(ConnectionTest, ErrorsCarryTheExtendedCodeAndWhere) {
  const Handle connection = open();
  connection->execute("schema", "CREATE TABLE u(x UNIQUE, y NOT NULL); INSERT INTO u VALUES (1, 1)");
  const Error unique = error_of([&] { connection->execute("insert u", "INSERT INTO u VALUES (1, 1)"); });
  EXPECT_EQ(unique.code(), SQLITE_CONSTRAINT_UNIQUE);
  EXPECT_EQ(unique.where(), "insert u");
  EXPECT_THAT(unique.what(), testing::HasSubstr("UNIQUE constraint failed: u.x"));
  EXPECT_FALSE(unique.corrupt());
  const Error missing =
      error_of([&] { Statement(*connection, "insert v", "INSERT INTO u VALUES (2, NULL)").run(); });
  EXPECT_EQ(missing.code(), SQLITE_CONSTRAINT_NOTNULL);
}

TEST_F(ConnectionTest, AnOpenThatFailsHasItsCodeAndLeavesNothingOpen) {
  const std::string folder = folder_ / "folder";
  std::filesystem::create_directory(folder);
  const Error error = error_of([&] { Connection(folder, {}, api_); });
  EXPECT_EQ(error.code() & 0xff, SQLITE_CANTOPEN);
  EXPECT_EQ(error.where(), "open");
  EXPECT_STREQ(error.what(), "unable to open database file");
  EXPECT_EQ(api_.counts(folder).open(), 0);
  const std::vector<os::OpenDescriptor> table = os::read_descriptor_table(::getpid()).value();
  for (const os::OpenDescriptor& descriptor : table) {
    EXPECT_FALSE(descriptor.target.starts_with(folder));
  }
}

TEST_F(ConnectionTest, AFileThatIsNoDatabaseIsCorrupt) {
  folder_.write("kanban.db", std::string(4096, 'x'));
  Connection connection(path_, {}, api_);
  const Error error = error_of([&] { connection.value("read", "SELECT count(*) FROM sqlite_master"); });
  EXPECT_EQ(error.code(), SQLITE_NOTADB);
  EXPECT_TRUE(error.corrupt());
  EXPECT_TRUE(Error(SQLITE_CORRUPT_INDEX, "", "").corrupt());
  EXPECT_FALSE(Error(SQLITE_IOERR_SHORT_READ, "", "").corrupt());
}

TEST_F(ConnectionTest, TheBusyTimeoutIsTheOptions) {
  Connection::Options options;
  options.busy_timeout_ms = 1234;
  Connection connection(path_, options, api_);
  EXPECT_EQ(connection.value("timeout", "PRAGMA busy_timeout"), "1234");
}

TEST_F(ConnectionTest, ALockedBoardIsBusy) {
  const Handle writer = open();
  writer->execute("BEGIN", "BEGIN IMMEDIATE");
  Connection::Options options;
  options.busy_timeout_ms = 0;
  Connection second(path_, options, api_);
  EXPECT_EQ(error_of([&] { second.execute("BEGIN", "BEGIN IMMEDIATE"); }).code(), SQLITE_BUSY);
}

TEST_F(ConnectionTest, StatementsBindByNameAndReadBack) {
  const Handle connection = open();
  const std::string text("a\0b", 3);
  Statement statement(*connection, "echo", "SELECT :number, :text, NULL");
  statement.bind(":number", std::int64_t{1} << 60).bind(":text", text);
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(statement.integer(0), std::int64_t{1} << 60);
  EXPECT_EQ(statement.text(1), text);
  EXPECT_EQ(statement.text(2), "");
  EXPECT_FALSE(statement.step());
}

TEST_F(ConnectionTest, BindingWhatAStatementHasNotIsARangeError) {
  const Handle connection = open();
  Statement statement(*connection, "named", "SELECT :a");
  const Error error = error_of([&] { statement.bind(":b", 1); });
  EXPECT_EQ(error.code(), SQLITE_RANGE);
  EXPECT_EQ(error.where(), "named");
  EXPECT_STREQ(error.what(), "no parameter :b");
  EXPECT_EQ(error_of([&] { statement.bind("a", "x"); }).code(), SQLITE_RANGE)
      << "the colon is part of the name";
}

TEST_F(ConnectionTest, BindingInMidStatementIsAnError) {
  const Handle connection = open();
  Statement statement(*connection, "running", "SELECT :a UNION ALL SELECT 2");
  ASSERT_TRUE(statement.step());
  EXPECT_EQ(error_of([&] { statement.bind(":a", 1); }).code(), SQLITE_MISUSE);
  EXPECT_EQ(error_of([&] { statement.bind(":a", "x"); }).code(), SQLITE_MISUSE);
}

TEST_F(ConnectionTest, AStatementThatDoesNotPrepareNamesItself) {
  const Handle connection = open();
  const Error error = error_of([&] { Statement(*connection, "typo", "SELEC 1"); });
  EXPECT_EQ(error.code(), SQLITE_ERROR);
  EXPECT_EQ(error.where(), "typo");
}

TEST_F(ConnectionTest, ChangesRowidAndTransactionState) {
  const Handle connection = open();
  EXPECT_FALSE(connection->in_transaction());
  connection->execute("BEGIN", "BEGIN");
  EXPECT_TRUE(connection->in_transaction());
  connection->execute("insert", "INSERT INTO t VALUES (1), (2), (3)");
  EXPECT_EQ(connection->changes(), 3);
  EXPECT_EQ(connection->last_insert_rowid(), 3);
  EXPECT_EQ(connection->value("none", "SELECT x FROM t WHERE x > 9"), "");
  EXPECT_EQ(connection->value("first", "SELECT x FROM t ORDER BY x DESC"), "3");
  EXPECT_EQ(connection->path(), path_);
}

}  // namespace
}  // namespace walsoak::sqlite
