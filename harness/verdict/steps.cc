#include "harness/verdict/steps.h"

#include <algorithm>
#include <cmath>

namespace walsoak::verdict {
namespace {

using nlohmann::ordered_json;

Count member(const ordered_json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) return object.is_object() ? Count(0) : std::nullopt;
  return found->is_number_integer() ? Count(found->get<std::int64_t>()) : std::nullopt;
}

bool is_false(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && *found == false;
}

}  // namespace

bool StepFacts::in_scope(const std::string& actor, const std::string& step) const {
  if (actor != "subject") return false;
  if (step == "inside") return false;  // the harness's own look at the rows, after the last sample
  if (step == "collect") return drops_connections_;
  return scope_process_ || step == "dispatch" || step == "probe";
}

void StepFacts::accept(const ordered_json& line) {
  const std::string step = line.value("step", std::string{});
  const std::string actor = line.value("actor", std::string{"subject"});
  ++steps_;
  if (is_false(line, "ok")) ++failed_;
  for (const ordered_json& board : line.value("boards", ordered_json::array())) {
    if (board.is_object() && board.contains("error")) errors_.accept(board["error"], step, actor);
  }
  if (actor == "subject" && step == "dispatch") accept_pass(line);
  accept_sidecars(line, in_scope(actor, step));
}

void StepFacts::accept_pass(const ordered_json& line) {
  ++passes_;
  if (is_false(line, "ok")) ++passes_failed_;
  if (const auto latency = line.find("latency_us"); latency != line.end() && latency->is_number_integer()) {
    latencies_us_.push_back(latency->get<std::int64_t>());
  }
  for (const ordered_json& entry : line.value("boards", ordered_json::array())) {
    BoardPasses& board = boards_[entry.value("board", std::string{})];
    ++board.passes;
    const bool failed = is_false(entry, "ok") && !is_false(entry, "looked");
    board.failed_in_a_row = failed ? board.failed_in_a_row + 1 : 0;
  }
}

void StepFacts::accept_sidecars(const ordered_json& line, bool in_scope) {
  const auto found = line.find("sidecars");
  if (found == line.end()) return;
  const auto add = [this, in_scope](const ordered_json& board) {  // null: the inotify queue overflowed
    sidecars_.wal_created = sum(sidecars_.wal_created, member(board, "wal_created"));
    sidecars_.wal_unlinked = sum(sidecars_.wal_unlinked, member(board, "wal_unlinked"));
    sidecars_.shm_created = sum(sidecars_.shm_created, member(board, "shm_created"));
    sidecars_.shm_unlinked = sum(sidecars_.shm_unlinked, member(board, "shm_unlinked"));
    if (in_scope) wal_unlinked_in_scope_ = sum(wal_unlinked_in_scope_, member(board, "wal_unlinked"));
  };
  if (!found->is_object()) return add(ordered_json());
  for (const ordered_json& board : *found) add(board);
}

Count StepFacts::dispatch_latency_us(double share) const {
  if (latencies_us_.empty()) return std::nullopt;
  std::vector<std::int64_t> sorted = latencies_us_;
  const double rank = std::ceil(share * static_cast<double>(sorted.size()));
  const auto at = static_cast<std::ptrdiff_t>(std::max(rank, 1.0)) - 1;
  std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
  return sorted[static_cast<std::size_t>(at)];
}

}  // namespace walsoak::verdict
