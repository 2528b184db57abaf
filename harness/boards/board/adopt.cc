#include "harness/boards/board/adopt.h"

#include <fmt/format.h>

#include <filesystem>

#include "harness/base/os/run_folder.h"
#include "harness/boards/board/connect.h"
#include "harness/boards/board/fit.h"
#include "harness/boards/board/seed.h"
#include "harness/boards/board/statements.h"
#include "harness/boards/sqlite/connection.h"

namespace walsoak::board {
namespace {

using sqlite::Connection;

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

[[noreturn]] void refuse(const std::string& source, const std::string& why) {
  throw AppError(kTemplate, kTemplate, first_line(fmt::format("board_template {}: {}", source, why)));
}

void require_sound(Connection& connection, const std::string& source) {
  const std::string answer = connection.value("integrity_check", "PRAGMA integrity_check");
  if (answer != "ok") {
    refuse(source, "is damaged; integrity_check of its copy says: " + first_line(answer));
  }
}

void require_fit(Connection& connection, const std::string& source) {
  const std::string missing = misfit(connection);
  if (!missing.empty()) {
    refuse(source, fmt::format("does not fit: it has {}; a template needs all that the statements of "
                               "harness/boards/board/board.sql use, more is fine",
                               missing));
  }
}

// Whoever claimed a task on the template is no process of this cell. The dispatcher would take the pid for a
// worker of its own, ask whether it lives, and could meet a stranger of that number. The boards' time begins
// elsewhere, too: a claim of another year would not expire in hours.
void make_ours(Connection& connection) {
  connection.execute("BEGIN IMMEDIATE", "BEGIN IMMEDIATE");
  connection.execute("release_all_claims", statement("release_all_claims").c_str());
  // A board of an earlier run brings rows that no writer of this cell has acknowledged.
  connection.execute("acknowledgements", "DROP TABLE IF EXISTS acknowledgements");
  connection.execute("schema", statement("schema").c_str());
  connection.execute("COMMIT", "COMMIT");
}

void set_modes(Connection& connection, const Settings& settings) {
  const std::string mode = journal_mode_name(settings);
  const std::string now = connection.value("PRAGMA journal_mode", ("PRAGMA journal_mode=" + mode).c_str());
  if (now != mode) throw sqlite::Error(0, "PRAGMA journal_mode", "stays " + now);
  connection.execute("application_id", fmt::format("PRAGMA application_id={}", kApplicationId).c_str());
}

}  // namespace

void adopt_board(const Board& board, const Settings& settings, std::int64_t now_s,
                 const std::string& source) {
  os::RunFolder::containing(board.path).inside(board.path);
  sqlite::ApiLedger ledger;
  Connection::Options options;
  options.actor = sqlite::Actor::checker;
  options.flags = SQLITE_OPEN_READWRITE;
  try {
    Connection connection(board.path, options, ledger);  // its first read recovers the -wal
    require_sound(connection, source);
    require_fit(connection, source);
    set_modes(connection, settings);
    make_ours(connection);
    connection.execute("PRAGMA foreign_keys", "PRAGMA foreign_keys=ON");  // as every opener of a cell has it
    try_writes(connection, now_s);
    connection.close();
  } catch (const sqlite::Error& error) {
    refuse(source, fmt::format("its copy cannot be used as a board: {} ({})", error.what(), error.where()));
  }
}

void copy_adopted(const Board& adopted, const Board& board) {
  const os::RunFolder run = os::RunFolder::containing(board.path);
  run.make_folder(std::filesystem::path(board.path).parent_path());
  std::filesystem::copy_file(adopted.path, run.inside(board.path));
}

}  // namespace walsoak::board
