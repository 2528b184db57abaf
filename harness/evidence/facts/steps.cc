#include "harness/evidence/facts/steps.h"

#include <algorithm>
#include <set>
#include <utility>

#include "harness/model/vocabulary/jobs.h"

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

Count member(const ordered_json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (found == object.end()) return object.is_object() ? Count(0) : std::nullopt;
  return found->is_number_integer() ? Count(found->get<std::int64_t>()) : std::nullopt;
}

// The harness's own look at the rows (rows_every): an act, but none of the dispatcher's, and an error in it
// none of its errors.
constexpr const char* kLook = "inside";

bool is_false(const ordered_json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && *found == false;
}

}  // namespace

void BoardPasses::note(bool pass_failed) {
  ++passes;
  if (pass_failed) ++failed;
  failed_in_a_row = pass_failed ? failed_in_a_row + 1 : 0;
}

bool StepFacts::in_scope(const std::string& actor, const std::string& step) const {
  if (actor != "subject") return false;
  if (step == "collect") return drops_connections_;
  return scope_process_ || step == "dispatch" || step == "probe";
}

void StepFacts::accept(const ordered_json& line) {
  const std::string step = line.value("step", std::string{});
  const std::string actor = line.value("actor", std::string{"subject"});
  if (step == kLook) return accept_sidecars(line, /*in_scope=*/false);
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
    latencies_us_.add(latency->get<std::int64_t>());
  }
  for (const ordered_json& entry : line.value("boards", ordered_json::array())) {
    if (entry.value("locked_out", false)) {
      ++passes_locked_out_;
      continue;  // neither passed nor failed
    }
    boards_[entry.value("board", std::string{})].note(is_false(entry, "ok") && !is_false(entry, "looked"));
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

void StepFacts::set_free_running(std::vector<std::string> boards) {
  all_boards_ = std::move(boards);
  wal_unlinked_in_scope_.reset();
}

void StepFacts::accept_tick(const ordered_json& line) {
  const ordered_json steps = line.value("steps", ordered_json::object());
  for (const auto& [name, step] : steps.items()) {
    ++steps_;
    if (is_false(step, "ok")) ++failed_;
    for (const ordered_json& failure : step.value("failed", ordered_json::array())) {
      // An error that names no board is one all the same.
      const auto boards = std::max<std::size_t>(1, failure.value("boards", ordered_json::array()).size());
      errors_.accept(failure.value("error", ordered_json()), name, "subject",
                     static_cast<std::int64_t>(boards));
    }
    if (name == "dispatch") accept_free_pass(step);
  }
}

void StepFacts::accept_free_pass(const ordered_json& step) {
  ++passes_;
  if (is_false(step, "ok")) ++passes_failed_;
  if (const auto latency = step.find("latency_us"); latency != step.end() && latency->is_number_integer()) {
    latencies_us_.add(latency->get<std::int64_t>());
  }
  std::set<std::string> failed;
  for (const ordered_json& failure : step.value("failed", ordered_json::array())) {
    for (const ordered_json& board : failure.value("boards", ordered_json::array())) {
      if (!is_false(step, "looked")) failed.insert(board.get<std::string>());
    }
  }
  const auto locked_out = step.value("locked_out", std::set<std::string>());
  passes_locked_out_ += std::ssize(locked_out);
  for (const std::string& name : all_boards_) {
    if (!locked_out.contains(name)) boards_[name].note(failed.contains(name));
  }
}

void StepFacts::accept_sample(const ordered_json& line) {
  accept_sidecars(line, /*in_scope=*/false);
  const ordered_json activity = line.value("activity", ordered_json::object());
  for (const auto& [job, done] : activity.items()) {
    steps_ += done.value("ran", std::int64_t{0});
    failed_ += done.value("failed", std::int64_t{0});
    const JobInfo* const known = find_job(job);
    const bool other_process = known != nullptr && known->own_process;
    for (const ordered_json& row : done.value("errors", ordered_json::array())) {
      errors_.accept(row.value("error", ordered_json()), job, other_process ? job : "subject",
                     row.value("count", std::int64_t{1}));
    }
  }
}

}  // namespace walsoak::facts
