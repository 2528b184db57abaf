#include "harness/evidence/facts/data.h"

#include <fmt/format.h>

#include "harness/base/shared/json_text.h"

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

BoardView view_of(const ordered_json& board) {
  BoardView view;
  const auto looked = board.find("looked");
  view.looked = looked == board.end() || *looked != false;
  const auto rows = board.find("rows");
  const bool failed = board.value("ok", true) == false;
  if (rows != board.end() && rows->is_object() && view.looked && !failed) {
    view.readable = true;
    for (const auto& [writer, ranges] : rows->items()) view.rows[writer] = stats::Ranges::from_json(ranges);
  }
  view.integrity = text_of(board, "integrity");
  if (const auto error = board.find("error"); error != board.end() && error->is_object()) {
    view.readable = false;
    const auto code = error->find("code");
    view.code = code != error->end() && code->is_number_integer() ? code->get<std::int64_t>() : 0;
    view.message = text_of(*error, "message");
    view.app = text_of(*error, "app");
  }
  return view;
}

}  // namespace

std::int64_t row_count(const Rows& rows) {
  std::int64_t sum = 0;
  for (const auto& [writer, ranges] : rows) sum += ranges.count();
  return sum;
}

Rows missing_rows(const Rows& all, const Rows& seen) {
  Rows result;
  for (const auto& [writer, ranges] : all) {
    const auto found = seen.find(writer);
    stats::Ranges lacking = found == seen.end() ? ranges : ranges.without(found->second);
    if (lacking.count() > 0) result.emplace(writer, std::move(lacking));
  }
  return result;
}

std::string rows_text(const Rows& rows) {
  constexpr std::size_t kShown = 4;
  std::string result;
  std::size_t shown = 0;
  for (const auto& [writer, ranges] : rows) {
    if (shown == kShown) return result + fmt::format("; and {} more writers", rows.size() - kShown);
    if (shown++ > 0) result += "; ";
    result += writer + " " + ranges.text();
  }
  return result;
}

void DataFacts::accept(const ordered_json& line) {
  auto& boards = views_[line.value("check", std::string{})];
  for (const ordered_json& board : line.value("boards", ordered_json::array())) {
    boards[board.value("board", std::string{})] = view_of(board);
  }
}

void DataFacts::accept_fault(const ordered_json& line) {
  const std::string fault = text_of(line, "fault");
  const std::string board = text_of(line, "board");
  if (fault == "corrupt-board") spoilt_.insert(board);
  const auto ok = line.find("ok");
  const bool failed = ok != line.end() && *ok == false;
  if (fault != "replace-board" || failed || !line.contains("rows")) return;  // without rows it was refused
  spoilt_.erase(board);                                                      // what came back is sound
  const ordered_json rows = line.value("rows", ordered_json::object());
  // Everything acknowledged so far, earlier restores included: the last one counts.
  Rows& replaced = replaced_[board];
  replaced.clear();
  for (const auto& [writer, ranges] : rows.items()) replaced[writer] = stats::Ranges::from_json(ranges);
}

const BoardView& DataFacts::view(const std::string& check, const std::string& board) const {
  static const BoardView kNone;
  const auto views = views_.find(check);
  if (views == views_.end()) return kNone;
  const auto found = views->second.find(board);
  return found == views->second.end() ? kNone : found->second;
}

Count DataFacts::acknowledged() const {
  if (!made("acknowledged")) return std::nullopt;
  std::int64_t rows = 0;
  for (const std::string& board : boards_) {
    const BoardView& log = view("acknowledged", board);
    if (!log.readable) return std::nullopt;
    rows += row_count(log.rows);
  }
  return rows;
}

Rows DataFacts::lost_rows(const std::string& check, const std::string& board) const {
  const Rows lost = missing_rows(view("acknowledged", board).rows, view(check, board).rows);
  const auto replaced = replaced_.find(board);
  return replaced == replaced_.end() ? lost : missing_rows(lost, replaced->second);
}

Count DataFacts::lost(const std::string& check) const {
  if (!made(check)) return std::nullopt;
  std::int64_t rows = 0;
  for (const std::string& board : boards_) {
    if (spoilt(board)) continue;
    if (!view("acknowledged", board).readable || !view(check, board).readable) return std::nullopt;
    rows += row_count(lost_rows(check, board));
  }
  return rows;
}

Count DataFacts::lost_by_fault() const {
  std::int64_t rows = 0;
  for (const std::string& board : boards_) {
    if (!spoilt(board) && !replaced_.contains(board)) continue;
    const BoardView& log = view("acknowledged", board);
    const BoardView& copy = view("final", board);
    if (!log.readable || !made("final")) return std::nullopt;
    if (spoilt(board)) {
      rows += copy.readable ? row_count(missing_rows(log.rows, copy.rows)) : row_count(log.rows);
    } else if (!copy.readable) {
      return std::nullopt;
    } else {
      rows += row_count(missing_rows(log.rows, copy.rows)) - row_count(lost_rows("final", board));
    }
  }
  return rows;
}

Count DataFacts::error_code(const std::string& check) const {
  Count code;
  for (const std::string& board : boards_) {
    const BoardView& seen = view(check, board);
    if (!seen.looked) continue;
    if (!code || *code == 0) code = seen.code;
  }
  return code;
}

Judgement DataFacts::sound(const std::string& board) const {
  const BoardView& final_copy = view("final", board);
  if (spoilt(board)) return {Presence::yes, board + ": corrupted by a fault"};
  if (!final_copy.looked) return {Presence::unknown, board + ": no final check"};
  if (!final_copy.integrity.empty() && final_copy.integrity != "ok") {
    return {Presence::no, fmt::format("{}: integrity_check says \"{}\"", board, final_copy.integrity)};
  }
  if (!final_copy.app.empty() && final_copy.code == 0) {
    return {Presence::unknown,
            fmt::format("{}: the final check failed by itself ({})", board, final_copy.app)};
  }
  if (!final_copy.readable) {
    return {Presence::no, fmt::format("{}: the final copy cannot be read ({} {})", board, final_copy.code,
                                      final_copy.message)};
  }
  if (final_copy.integrity.empty()) return {Presence::unknown, board + ": no answer of integrity_check"};
  return {Presence::yes, {}};
}

std::string DataFacts::integrity() const {
  bool all_known = !boards_.empty();
  for (const std::string& board : boards_) {
    const Judgement judgement = sound(board);
    if (judgement.presence == Presence::no) return judgement.evidence;
    if (judgement.presence == Presence::unknown) all_known = false;
  }
  return all_known ? "ok" : "";
}

Count DataFacts::integrity_failed() const {
  if (boards_.empty()) return std::nullopt;
  std::int64_t failed = 0;
  for (const std::string& board : boards_) {
    const Presence presence = sound(board).presence;
    if (presence == Presence::unknown) return std::nullopt;
    if (presence == Presence::no) ++failed;
  }
  return failed;
}

}  // namespace walsoak::facts
