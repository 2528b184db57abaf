// A run folder with real boards, for tests, and connections to look at them with.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/os/run_folder.h"
#include "harness/boards/board/board.h"
#include "harness/boards/board/seed.h"
#include "harness/boards/sqlite/connection.h"
#include "harness/model/vocabulary/settings.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::tests {

inline constexpr std::int64_t kNow = 1700000000;

// The defaults with a few values changed.
inline Settings settings_with(const nlohmann::json& changes = {}) {
  nlohmann::json values = default_settings();
  if (!changes.empty()) values.update(changes);  // `{}` is null
  return Settings::from_json(values);
}

class Boards {
 public:
  Boards() : run_(os::RunFolder::create(temporary_.path() / "run")) {}

  const os::RunFolder& run() const { return run_; }
  std::string acknowledgements() const { return run_.make_folder("acks").string(); }
  std::string read_log(const std::string& writer) const {
    return os::read_file(run_.path() / "acks" / (writer + ".log"));
  }

  // Where a board of that name lies; its file is not made.
  board::Board named(const std::string& name, std::size_t index = 0) const {
    return {name, (run_.path() / "boards" / name / "kanban.db").string(), index};
  }
  board::Board seeded(const std::string& name = "b01", const nlohmann::json& settings = {},
                      std::size_t index = 0) const {
    board::Board board = named(name, index);
    board::seed_board(board, settings_with(settings), kNow);
    return board;
  }
  board::Board empty(const std::string& name = "b01", std::size_t index = 0) const {
    return seeded(name, {{"tasks_per_board", 0}}, index);
  }

  // Outside the run folder.
  std::string outside(const std::string& name) const { return temporary_ / name; }

 private:
  TemporaryFolder temporary_;
  os::RunFolder run_;
};

// A connection of the test's own, with an API ledger of its own.
class Look {
 public:
  explicit Look(const board::Board& board) : connection_(board.path, {}, ledger_) {}
  sqlite::Connection& connection() { return connection_; }
  void execute(const std::string& sql) { connection_.execute("test", sql.c_str()); }
  std::string value(const std::string& sql) { return connection_.value("test", sql.c_str()); }
  // Columns joined by a bar, one string a row.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> rows;
    sqlite::Statement query(connection_, "test", sql);
    while (query.step()) rows.push_back(query.text(0));
    return rows;
  }

 private:
  sqlite::ApiLedger ledger_;
  sqlite::Connection connection_;
};

}  // namespace walsoak::tests
