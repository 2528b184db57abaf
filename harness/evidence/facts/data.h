// What became of the acknowledged rows: what the writers logged against what was found inside, outside and in
// the final byte copy, per board and writer.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/evidence/stats/ranges.h"

namespace walsoak::facts {

using Rows = std::map<std::string, stats::Ranges>;  // writer -> sequence numbers

// How many rows there are; and those of `all` that `seen` lacks, writer by writer (writers without a loss
// left out).
std::int64_t row_count(const Rows& rows);
Rows missing_rows(const Rows& all, const Rows& seen);
std::string rows_text(const Rows& rows);

// How one check saw one board.
struct BoardView {
  bool looked = false;  // false: nobody could look (a strategy that does no work), or no such check was made
  bool readable = false;  // rows are known
  Rows rows;
  std::int64_t code = 0;  // SQLite's extended code, where it was an error of SQLite's
  std::string message;    // "" where there was no error
  std::string app;        // an error of the program's own, not of the board's
  std::string integrity;  // final check: "ok", or the first complaint; "" where there is no answer
};

class DataFacts {
 public:
  void set_boards(std::vector<std::string> boards) { boards_ = std::move(boards); }

  // A line of type `check`. Throws std::invalid_argument where its rows are no ranges.
  void accept(const nlohmann::ordered_json& line);

  // A line of type `event` that tells of a fault on a board's files.
  void accept_fault(const nlohmann::ordered_json& line);

  const std::vector<std::string>& boards() const { return boards_; }
  // `check` is acknowledged, inside, outside or final. A view that was not made is `looked: false`.
  const BoardView& view(const std::string& check, const std::string& board) const;
  bool made(const std::string& check) const { return views_.contains(check); }

  // Rows acknowledged on all boards; unknown where a board's log was not read.
  Count acknowledged() const;
  // Acknowledged rows of a board that the check lacks, but for those that a restore took away on purpose. The
  // view must be readable.
  Rows lost_rows(const std::string& check, const std::string& board) const;
  // The same counted over all boards; unknown where a board has no such view. A board that a fault corrupted
  // is left out.
  Count lost(const std::string& check) const;
  // Rows that the final copy lacks because a fault replaced or corrupted the board.
  Count lost_by_fault() const;
  // Whether a fault overwrote the board's bytes: what becomes of it is nobody's finding.
  bool spoilt(const std::string& board) const { return spoilt_.contains(board); }
  // The first error code that the check met on any board: 0 for none, unknown where nobody looked.
  Count error_code(const std::string& check) const;

  // Whether the board's final copy is sound: readable, and its integrity check says ok.
  Judgement sound(const std::string& board) const;
  // "ok", the first complaint with its board, or "" where some board has no answer.
  std::string integrity() const;
  // Boards that are not sound; unknown where one cannot be told.
  Count integrity_failed() const;

 private:
  std::vector<std::string> boards_;
  std::map<std::string, std::map<std::string, BoardView>> views_;
  std::map<std::string, Rows> replaced_;  // rows acknowledged before a restore took them away
  std::set<std::string> spoilt_;
};

}  // namespace walsoak::facts
