// connect(): each header check, each way to set the journal mode, the schema on the first open, and nobody's
// database but walsoak's.
#include "harness/boards/board/connect.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "harness/base/os/descriptor.h"
#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/board/boards.h"
#include "tests/board/statement_trace.h"

namespace walsoak::board {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using sqlite::Actor;
using sqlite::Affinity;
using testing::HasSubstr;
using tests::settings_with;
using tests::StatementTrace;

class Connect : public testing::Test {
 protected:
  // Each gateway is a process of its own as far as first opens go.
  struct Process {
    explicit Process(const json& changes = {}) : settings(settings_with(changes)) {}
    std::unique_ptr<sqlite::Connection> connect(const Board& board) {
      return connector.connect(board, Actor::dispatcher, Affinity::owner_thread);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    Settings settings;
    sqlite::ApiLedger api;
    Connector connector{settings, api};
  };

  static observer::DescriptorCounts kernel(const Board& board) {
    return observer::KernelLedger({{"b01", board.path}})
        .look(os::read_descriptor_table(::getpid()))
        .at("b01")
        .counts.value();
  }
  static AppError app_error(Process& process, const Board& board) {
    try {
      process.connect(board);
    } catch (const AppError& error) {
      return error;
    }
    ADD_FAILURE() << "connected";
    return {"", "", ""};
  }

  static void expect_refused(Process& process, const Board& board) {
    EXPECT_THAT([&] { process.connect(board); },
                testing::ThrowsMessage<std::runtime_error>(HasSubstr("refused")));
  }

  tests::Boards boards_;
  Board board_ = boards_.seeded();
};

TEST_F(Connect, TheHeaderReadDropsTheLockOfAConnectionThatIsHeld) {
  for (const auto& [check, locks] : {std::pair("off", 1), std::pair("stat", 1), std::pair("raw", 0)}) {
    Process process(json{{"header_check", check}});
    const auto held = process.connect(board_);
    held->value("read", "SELECT count(*) FROM tasks");
    EXPECT_EQ(kernel(board_).lock_main_posix, 1) << check;
    process.connect(board_)->value("read", "SELECT count(*) FROM tasks");
    EXPECT_EQ(kernel(board_).lock_main_posix, locks) << check;
  }
}

TEST_F(Connect, ChecksRefuseWhatIsNotThere) {
  const Board missing = boards_.named("b07");
  Process raw(json{{"header_check", "raw"}});
  EXPECT_EQ(app_error(raw, missing).kind(), "header");
  EXPECT_EQ(app_error(raw, missing).where(), "header check");
  Process stat(json{{"header_check", "stat"}});
  EXPECT_EQ(app_error(stat, missing).kind(), "header");
  EXPECT_EQ(app_error(stat, missing).where(), "stat");
  EXPECT_FALSE(fs::exists(missing.path));
  EXPECT_EQ(raw.api.counts(missing.path).open() + stat.api.counts(missing.path).open(), 0);
}

TEST_F(Connect, TheRawCheckKnowsADatabaseByItsFirstBytes) {
  const auto with = [&](const std::string& content) {
    std::ofstream(boards_.run().path() / "file") << content;
    check_header_raw((boards_.run().path() / "file").string());
  };
  EXPECT_NO_THROW(check_header_raw(board_.path));
  EXPECT_NO_THROW(with("")) << "an empty file is a database to be";
  EXPECT_NO_THROW(with(std::string("SQLite format 3\0", 16)));
  EXPECT_THROW(with("SQLite format 3"), AppError) << "cut short";
  try {
    with(std::string(64, 'x'));
    ADD_FAILURE() << "taken for a database";
  } catch (const AppError& error) {
    EXPECT_EQ(error.kind(), kNotADatabase) << "told apart from a header that could not be read";
  }
  EXPECT_THROW(with(std::string("SQLite format 4\0", 16) + std::string(100, 'x')), AppError);
}

TEST_F(Connect, RunningOutOfDescriptorsInTheHeaderCheckIsTheApplicationsError) {
  Process process(json{{"header_check", "raw"}});
  process.connect(board_);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = os::Descriptor(::dup(0)).get();
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest_free);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  std::string kind;
  try {
    process.connect(board_);
  } catch (const AppError& error) {
    kind = error.kind();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(kind, "EMFILE");
  EXPECT_EQ(process.api.counts(board_.path).open(), 0);
}

TEST_F(Connect, TheJournalModeIsSetAlwaysOrOnlyWhereItIsAnother) {
  const auto statements = [](const Board& board, const char* wal_pragma) {
    Process process(json{{"wal_pragma", wal_pragma}});
    StatementTrace trace;
    const auto connection = process.connect(board);
    EXPECT_EQ(connection->value("mode", "PRAGMA journal_mode"), "wal");
    return std::vector(trace.statements().begin(), trace.statements().begin() + 2);
  };
  EXPECT_THAT(statements(board_, "always"),
              testing::ElementsAre("PRAGMA journal_mode=wal", "PRAGMA synchronous=normal"));
  EXPECT_THAT(statements(board_, "if-needed"),
              testing::ElementsAre("PRAGMA journal_mode", "PRAGMA synchronous=normal"));
  const Board rollback = boards_.seeded("b02", {{"journal_mode", "delete"}});
  EXPECT_THAT(statements(rollback, "if-needed"),
              testing::ElementsAre("PRAGMA journal_mode", "PRAGMA journal_mode=wal"));
}

TEST_F(Connect, ARollbackJournalIsAModeToo) {
  const Board board = boards_.seeded("b02", {{"journal_mode", "delete"}});
  Process process(json{{"journal_mode", "delete"}});
  const auto connection = process.connect(board);
  EXPECT_EQ(connection->value("mode", "PRAGMA journal_mode"), "delete");
  connection->value("read", "SELECT count(*) FROM tasks");
  EXPECT_FALSE(fs::exists(board.path + "-wal"));
}

TEST_F(Connect, EachPragmaHasItsSettingsValue) {
  Process process(json{{"synchronous", "extra"}, {"wal_autocheckpoint", 77}, {"busy_timeout_ms", 123}});
  const auto connection = process.connect(board_);
  EXPECT_EQ(connection->value("x", "PRAGMA synchronous"), "3");
  EXPECT_EQ(connection->value("x", "PRAGMA wal_autocheckpoint"), "77");
  EXPECT_EQ(connection->value("x", "PRAGMA busy_timeout"), "123");
  EXPECT_EQ(connection->value("x", "PRAGMA foreign_keys"), "1");
}

TEST_F(Connect, TheSchemaIsCreatedOnTheFirstOpenOfAPathOnly) {
  const Board second = boards_.seeded("b02");
  Process process;
  StatementTrace trace;
  const auto creates = [&](const Board& board) {
    trace.clear();
    process.connect(board);
    const auto& all = trace.statements();
    return std::count_if(all.begin(), all.end(),
                         [](const std::string& sql) { return sql.starts_with("CREATE"); });
  };
  EXPECT_EQ(creates(board_), 16);  // 7 tables, 9 indexes
  EXPECT_EQ(creates(board_), 0);
  EXPECT_EQ(creates(second), 16);
}

TEST_F(Connect, AFirstOpenThatFailedWasNone) {
  const std::string good = os::read_file(board_.path);
  std::ofstream(board_.path) << std::string(4096, 'x');
  Process process;
  EXPECT_THROW(process.connect(board_), sqlite::Error);
  std::ofstream(board_.path) << good;
  tests::Look(board_).execute("DROP TABLE comments");
  EXPECT_EQ(process.connect(board_)->value("x", "SELECT count(*) FROM comments"), "0");
}

TEST_F(Connect, RefusesADatabaseOutsideARunFolderEveryTime) {
  const std::string path = boards_.outside("users.db");
  fs::copy_file(board_.path, path);
  const std::string before = os::read_file(path);
  Process process;
  for (int attempt = 0; attempt < 3; ++attempt) {
    expect_refused(process, {"b09", path, 0});
  }
  EXPECT_EQ(process.api.counts(path).opened[0], 0);
  EXPECT_EQ(os::read_file(path), before);
  EXPECT_FALSE(fs::exists(path + "-wal"));
}

TEST_F(Connect, RefusesALinkThatLeadsOutsideEveryTime) {
  const std::string victim = boards_.outside("users.db");
  fs::copy_file(board_.path, victim);
  const Board link = boards_.named("b08");
  fs::create_directories(fs::path(link.path).parent_path());
  fs::create_symlink(victim, link.path);
  Process process;
  for (int attempt = 0; attempt < 2; ++attempt) expect_refused(process, link);
}

TEST_F(Connect, NothingStaysOpenWhereAPragmaFails) {
  std::ofstream(board_.path) << std::string(4096, 'x');
  Process process;
  try {
    process.connect(board_);
    ADD_FAILURE() << "connected to no database";
  } catch (const sqlite::Error& error) {
    EXPECT_EQ(error.code(), SQLITE_NOTADB);
    EXPECT_EQ(error.where(), "PRAGMA journal_mode");
  }
  EXPECT_EQ(process.api.counts(board_.path).open(), 0);
  EXPECT_EQ(process.api.counts(board_.path).opened[0], 1);
  EXPECT_EQ(kernel(board_), observer::DescriptorCounts{});
}

TEST_F(Connect, AnInitialisationThatFailsLeavesNothingOpen) {
  Process process;
  process.connector.fail_initialisation(1, board_.path, 2);
  for (int i = 0; i < 2; ++i) {
    const AppError error = app_error(process, board_);
    EXPECT_EQ(error.kind(), "init");
    EXPECT_EQ(error.where(), "connect");
    EXPECT_EQ(process.api.counts(board_.path).open(), 0);
    EXPECT_EQ(kernel(board_), observer::DescriptorCounts{});
  }
  EXPECT_EQ(process.api.counts(board_.path).opened[0], 2) << "SQLite had opened it";
  EXPECT_FALSE(fs::exists(board_.path + "-wal"));
  EXPECT_NO_THROW(process.connect(board_)) << "two, and no more";
}

TEST_F(Connect, AFirstOpenThatFailedToInitialiseWasNone) {
  Process process;
  process.connector.fail_initialisation(1, "", 1);
  EXPECT_EQ(app_error(process, board_).kind(), "init");
  tests::Look(board_).execute("DROP TABLE comments");
  EXPECT_EQ(process.connect(board_)->value("x", "SELECT count(*) FROM comments"), "0");
}

TEST_F(Connect, InitialisationsFailOnTheirBoardUntilTheFaultEnds) {
  const Board second = boards_.seeded("b02");
  Process process;
  process.connector.fail_initialisation(1, board_.path, 0);
  process.connector.fail_initialisation(2, second.path, 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(app_error(process, board_).kind(), "init");
    EXPECT_EQ(app_error(process, second).kind(), "init");
  }
  process.connector.end_failing(1);
  EXPECT_NO_THROW(process.connect(board_));
  EXPECT_EQ(app_error(process, second).kind(), "init") << "each ends for itself";
  process.connector.end_failing(2);
  process.connector.end_failing(2);
  EXPECT_NO_THROW(process.connect(second));
}

TEST_F(Connect, TheConnectionHasTheActorAndTheAffinityAskedFor) {
  Process process;
  const auto connection = process.connector.connect(board_, Actor::notifier, Affinity::any_thread_close);
  EXPECT_EQ(process.api.counts(board_.path).opened[static_cast<std::size_t>(Actor::notifier)], 1);
  std::thread([&] {
    EXPECT_THROW(connection->handle(), sqlite::AffinityError);
    EXPECT_NO_THROW(connection->close());
  }).join();
}

}  // namespace
}  // namespace walsoak::board
