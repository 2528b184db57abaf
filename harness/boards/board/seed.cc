#include "harness/boards/board/seed.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "harness/base/os/run_folder.h"
#include "harness/base/shared/seeded.h"
#include "harness/boards/board/statements.h"
#include "harness/boards/sqlite/connection.h"

namespace walsoak::board {
namespace {

using sqlite::Connection;
using sqlite::Statement;

// A board in use: two thirds ready, the others waiting for a parent, some work reviewed, a few tasks in
// triage.
void insert_tasks(Connection& connection, const Board& board, const Settings& settings, std::int64_t now_s) {
  Seeded draw(settings.seed, "board " + board.name);
  std::vector<std::string> ids;
  for (std::int64_t i = 1; i <= settings.tasks_per_board; ++i) {
    const std::string id = fmt::format("{}-t{:04}", board.name, i);
    const bool child = !ids.empty() && draw.chance(1.0 / 3);
    const bool reviewed = draw.chance(0.2);
    const std::string title = fmt::format("task {} of {}", i, board.name);
    const std::string body(40 + draw.below(400), static_cast<char>('a' + draw.below(26)));
    Statement(connection, "insert_task", statement("insert_task"))
        .bind(":id", id)
        .bind(":title", title)
        .bind(":body", body)
        .bind(":status", i % 10 == 0 ? "triage"
                         : child     ? "todo"
                                     : "ready")
        .bind(":priority", static_cast<std::int64_t>(draw.below(5)))
        .bind(":assignee", reviewed ? "reviewed" : "direct")
        .bind(":now", now_s)
        .run();
    if (child) {
      Statement(connection, "insert_link", statement("insert_link"))
          .bind(":parent", ids[draw.below(ids.size())])
          .bind(":child", id)
          .run();
    }
    if (i % 10 != 0) ids.push_back(id);
    if (draw.chance(0.25)) {
      Statement(connection, "insert_subscription", statement("insert_subscription"))
          .bind(":task", id)
          .bind(":channel", "gateway")
          .run();
    }
  }
}

}  // namespace

std::string journal_mode_name(const Settings& settings) {
  return wal_mode(settings.journal_mode, sqlite3_libversion_number()) ? "wal" : "delete";
}

void seed_board(const Board& board, const Settings& settings, std::int64_t now_s) {
  os::RunFolder::containing(board.path).inside(board.path);
  if (std::filesystem::exists(board.path))
    throw std::runtime_error(board.path + ": exists; a board is seeded once");
  std::filesystem::create_directories(std::filesystem::path(board.path).parent_path());
  sqlite::ApiLedger ledger;
  sqlite::Connection::Options options;
  options.actor = sqlite::Actor::checker;
  Connection connection(board.path, options, ledger);
  connection.execute("application_id", fmt::format("PRAGMA application_id={}", kApplicationId).c_str());
  connection.value("PRAGMA journal_mode",
                   fmt::format("PRAGMA journal_mode={}", journal_mode_name(settings)).c_str());
  connection.execute("schema", statement("schema").c_str());
  connection.execute("BEGIN IMMEDIATE", "BEGIN IMMEDIATE");
  insert_tasks(connection, board, settings, now_s);
  connection.execute("COMMIT", "COMMIT");
  connection.close();
}

}  // namespace walsoak::board
