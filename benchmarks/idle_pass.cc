#include "benchmarks/idle_pass.h"

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include <stdexcept>

#include "harness/boards/board/dispatch.h"

namespace walsoak::benchmarks {
namespace {

using Extension = void (*)();

std::vector<std::string>* g_noted = nullptr;

// With values written in: the bare loop then needs to know no parameters.
int note(unsigned, void*, void* statement, void*) {
  char* sql = sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement));
  g_noted->emplace_back(sql);
  sqlite3_free(sql);
  return 0;
}

int note_connection(sqlite3* connection, const char**, const void*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note, nullptr);
}

void check(int code, sqlite3* connection) {
  if (code != SQLITE_OK) throw std::runtime_error(std::string("bare loop: ") + sqlite3_errmsg(connection));
}

}  // namespace

IdlePass::IdlePass() {
  // The first pass creates the schema and promotes.
  through_connection();
  const auto extension = reinterpret_cast<Extension>(note_connection);
  g_noted = &statements_;
  sqlite3_auto_extension(extension);
  through_connection();
  sqlite3_cancel_auto_extension(extension);
  // Four pragmas, five queries for what is to be released or promoted, two for what could be spawned, and
  // two transactions.
  if (statements_.size() != 15) {
    throw std::runtime_error("the idle pass ran " + std::to_string(statements_.size()) +
                             " statements, not 15");
  }
}

void IdlePass::through_connection() {
  const board::DispatchContext context{
      .now_s = tests::kNow,
      .settings = settings_,
      .log = log_,
      .worker_alive = [](std::int64_t, const std::string&) { return false; },
      .free_writer = [] { return std::string(); },
      .spawn = [](const board::Board&, const std::string&, const std::string&) -> std::int64_t {
        throw std::logic_error("an idle pass spawns nothing");
      }};
  const auto connection =
      connector_.connect(board_, sqlite::Actor::dispatcher, sqlite::Affinity::owner_thread);
  board::dispatch_pass(*connection, board_, context);
  connection->close();
}

void IdlePass::bare(const char* vfs) const {
  sqlite3* connection = nullptr;
  check(sqlite3_open_v2(board_.path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs),
        connection);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, static_cast<int>(settings_.busy_timeout_ms));
  for (const std::string& sql : statements_) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr),
          connection);
    while (sqlite3_step(statement) == SQLITE_ROW) {
      benchmark::DoNotOptimize(sqlite3_column_text(statement, 0));
    }
    check(sqlite3_finalize(statement), connection);
  }
  sqlite3_close_v2(connection);
}

DefaultVfs::DefaultVfs(const char* name) : before_(sqlite3_vfs_find(nullptr)) {
  sqlite3_vfs_register(sqlite3_vfs_find(name), 1);
}

DefaultVfs::~DefaultVfs() {
  sqlite3_vfs_register(before_, 1);
}

}  // namespace walsoak::benchmarks
