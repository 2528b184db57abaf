#include "harness/evidence/facts/facts.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace walsoak::facts {

using nlohmann::ordered_json;

void CellFacts::accept(const ordered_json& line) {
  const auto type = line.find("type");
  if (type == line.end() || !type->is_string()) return;
  const auto& name = type->get_ref<const std::string&>();
  if (name == "header") {
    accept_header(line);
  } else if (name == "step") {
    steps_.accept(line);
  } else if (name == "sample") {
    accept_sample(line);
  } else if (name == "tick") {
    steps_.accept_tick(line);
    pace_.accept_tick(line);
  } else if (name == "check") {
    data_.accept(line);
  } else if (name == "event") {
    const std::string event = line.value("event", std::string{});
    if (event == "fault") data_.accept_fault(line);
    if (event == kDeathEvent) deaths_.accept(line);
  } else if (name == "end") {
    ended_ = true;
    pace_.accept_end(line);
    end_reason_ = line.value("reason", std::string{});
    aborted_ = line.value("aborted", std::string{});
    if (line.contains("elapsed_us")) elapsed_us_ = line.at("elapsed_us").get<std::int64_t>();
    watched_facts_.accept_end(end_reason_);
  }
}

void CellFacts::accept_header(const ordered_json& line) {
  header_seen_ = true;
  settings_ = line.value("settings", ordered_json::object());
  roles_ = line.value("roles", ordered_json::object());
  Phase phase;
  phase.warmup_ticks = settings_.value("warmup_ticks", std::int64_t{0});
  reader_.accept_header(line);
  phase.at_any_moment = watched();
  if (watched()) watched_facts_.accept_header(line);
  if (settings_.value("collector", std::string{}) == "every-n") {
    phase.collector_every = settings_.value("collector_every", std::int64_t{1});
  }
  series_.set_phase(phase);
  histories_.set_phase(phase);
  const auto strategy = line.find("strategy");
  if (strategy != line.end() && strategy->is_object()) strategy_ = *strategy;
  steps_.set_scope(settings_.value("scope", std::string{}) == "process",
                   strategy_.value("drops_connections", false));
  std::vector<std::string> boards;
  for (const ordered_json& board : line.value("boards", ordered_json::array())) {
    boards.push_back(board.value("name", std::string{}));
  }
  free_running_ = settings_.value("mode", std::string{}) == "free";
  series_.set_troughs(free_running_ || watched());
  pace_.set_warmup_ticks(phase.warmup_ticks);
  if (free_running_) steps_.set_free_running(boards);
  data_.set_boards(std::move(boards));
}

void CellFacts::accept_sample(const ordered_json& line) {
  const Sample sample = reader_.read(line);
  if (watched()) {
    watched_facts_.accept_sample(line, sample);
    histories_.accept(line, sample);
  }
  if (free_running_) {
    steps_.accept_sample(line);
    pace_.accept_sample(line);
  }
  ledgers_.accept(sample);
  watch_.accept(sample);
  if (!series_.accept(sample)) return;
  const Count from_vfs = sample.total[Key::vfs_wal_unlinks_in_scope];
  last_closes_last_ = watched() ? std::nullopt : from_vfs ? from_vfs : steps_.wal_unlinked_in_scope();
  if (series_.counted() == 1) last_closes_first_ = last_closes_last_;
}

Count CellFacts::last_closes_growth() const {
  const Count counted = difference(last_closes_last_, last_closes_first_);
  const bool none_came_or_went =
      series_.growth(Key::api_opened_in_scope) == 0 && series_.growth(Key::api_open) == 0;
  return !counted && none_came_or_went ? Count(0) : counted;
}

void CellFacts::note_cut(std::uint64_t line, std::uint64_t byte) {
  cut_ = fmt::format("line {}, at byte {}", line, byte);
}

std::string CellFacts::interrupted() const {
  if (!cut_.empty()) {
    return "the stream is cut off in " + cut_ + ": the cell was interrupted, or the file was truncated";
  }
  if (!header_seen_) return "the stream is empty";
  if (!ended_ && deaths_.fatal() != nullptr)
    return fmt::format("the cell ended with the death of {}", deaths_.fatal()->process);
  if (!ended_) return "the stream has no end: the cell was interrupted";
  // Nobody ordered a watched process to stay: however it ended is its end.
  if (end_reason_ != "done" && !watched()) return "the cell ended early: " + end_reason_;
  return {};
}

}  // namespace walsoak::facts
