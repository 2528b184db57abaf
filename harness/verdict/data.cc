#include "harness/verdict/data.h"

#include <fmt/format.h>

#include "harness/verdict/json_text.h"

namespace walsoak::verdict {
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
    for (const auto& [writer, ranges] : rows->items()) view.rows[writer] = Ranges::from_json(ranges);
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

std::int64_t count(const Rows& rows) {
  std::int64_t sum = 0;
  for (const auto& [writer, ranges] : rows) sum += ranges.count();
  return sum;
}

Rows missing(const Rows& all, const Rows& seen) {
  Rows result;
  for (const auto& [writer, ranges] : all) {
    const auto found = seen.find(writer);
    Ranges lacking = found == seen.end() ? ranges : ranges.without(found->second);
    if (lacking.count() > 0) result.emplace(writer, std::move(lacking));
  }
  return result;
}

std::string text(const Rows& rows) {
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
    rows += count(log.rows);
  }
  return rows;
}

Count DataFacts::lost(const std::string& check) const {
  if (!made(check)) return std::nullopt;
  std::int64_t rows = 0;
  for (const std::string& board : boards_) {
    const BoardView& log = view("acknowledged", board);
    const BoardView& seen = view(check, board);
    if (!log.readable || !seen.readable) return std::nullopt;
    rows += count(missing(log.rows, seen.rows));
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

}  // namespace walsoak::verdict
