#include "tests/facts/builders.h"

#include <fmt/format.h>

namespace walsoak::testing {
namespace {

std::string board_name(std::size_t index) {
  return fmt::format("b{:02}", index + 1);
}

}  // namespace

Json header(int boards, const Json& settings) {
  Json values = {
      {"warmup_ticks", 0}, {"collector", "every-n"}, {"collector_every", 1}, {"scope", "dispatcher"}};
  values.update(settings);
  Json line = {{"type", "header"}, {"schema_version", 1}, {"cell", "c01"}, {"settings", values}};
  line["boards"] = Json::array();
  for (int i = 0; i < boards; ++i) {
    line["boards"].push_back({{"name", board_name(static_cast<std::size_t>(i))}, {"path", "/run/kanban.db"}});
  }
  line["roles"] = {{"subject", {{"version", "3.40.1"}}}};
  return line;
}

Json board(std::int64_t connections) {
  const std::int64_t mapped = connections > 0 ? 1 : 0;
  return {{"api_open", connections},
          {"api_opened", connections},
          {"api_closed", 0},
          {"api_opened_in_scope", connections},
          {"vfs_main", connections},
          {"vfs_main_peak", connections},
          {"vfs_main_opens", connections},
          {"vfs_wal", connections},
          {"vfs_wal_opens", connections},
          {"vfs_shm", connections},
          {"vfs_shm_maps", connections},
          {"vfs_journal", 0},
          {"vfs_wal_unlinks", 0},
          {"vfs_wal_unlinks_in_scope", 0},
          {"vfs_syncs", 0},
          {"vfs_bytes_written", 0},
          {"vfs_bytes_read", 0},
          {"kernel_main", connections},
          {"kernel_wal", connections},
          {"kernel_shm", mapped},
          {"kernel_journal", 0},
          {"kernel_main_deleted", 0},
          {"kernel_wal_deleted", 0},
          {"kernel_shm_deleted", 0},
          {"kernel_main_replaced", 0},
          {"lock_main_posix", mapped},
          {"lock_main_ofd", 0},
          {"lock_shm_dms", mapped},
          {"main_bytes", 4096},
          {"main_inode", 11},
          {"wal_bytes", nullptr},
          {"wal_inode", nullptr},
          {"shm_bytes", nullptr},
          {"shm_inode", nullptr}};
}

Json board(std::int64_t connections, const Json& values) {
  Json result = board(connections);
  result.update(values);
  return result;
}

Json sample(std::int64_t tick, const std::vector<Json>& boards) {
  Json line = {{"type", "sample"}, {"tick", tick}, {"quiet", true}};
  line["boards"] = Json::object();
  for (std::size_t i = 0; i < boards.size(); ++i) line["boards"][board_name(i)] = boards[i];
  line["process"] = {{"descriptors", 12}, {"descriptor_limit", 1024}, {"threads", 3}, {"rss_bytes", 1000000}};
  return line;
}

Json pass(std::int64_t tick, bool failed, int boards, std::int64_t latency_us) {
  Json line = {{"type", "step"},          {"id", tick + 1},     {"tick", tick},
               {"step", "dispatch"},      {"actor", "subject"}, {"ok", !failed},
               {"latency_us", latency_us}};
  line["boards"] = Json::array();
  for (int i = 0; i < boards; ++i) {
    Json entry = {{"board", board_name(static_cast<std::size_t>(i))}, {"ok", !failed}};
    if (failed) {
      entry["error"] = {
          {"code", 522}, {"message", "disk I/O error"}, {"where", "PRAGMA journal_mode"}, {"app", nullptr}};
    }
    line["boards"].push_back(entry);
  }
  return line;
}

Json free_header(int boards, const Json& settings) {
  Json values = {{"mode", "free"}};
  values.update(settings);
  Json line = header(boards, values);
  line["columns"] = Json::array();
  const Json columns = board();
  for (const auto& [key, value] : columns.items()) line["columns"].push_back(key);
  return line;
}

Json free_sample(std::int64_t tick, const std::vector<Json>& boards) {
  Json line = sample(tick, boards);
  for (Json& values : line["boards"]) {
    Json row = Json::array();
    for (const Json& value : values) row.push_back(value);
    values = row;
  }
  return line;
}

Json free_tick(std::int64_t tick, const std::vector<std::string>& failed) {
  Json dispatch = {{"ok", failed.empty()}, {"latency_us", 700}, {"wait_us", 30}};
  if (!failed.empty()) {
    dispatch["failed"] = Json::array({{{"error",
                                        {{"code", 522},
                                         {"message", "disk I/O error"},
                                         {"where", "PRAGMA journal_mode"},
                                         {"app", nullptr}}},
                                       {"boards", failed}}});
  }
  return {
      {"type", "tick"},
      {"tick", tick},
      {"t_us", 1000000 * (tick + 1) + 200},
      {"late_us", 200},
      {"missed", 0},
      {"lag_us", 300},
      {"ok", failed.empty()},
      {"steps", {{"triage", {{"ok", true}, {"latency_us", 100}, {"wait_us", 10}}}, {"dispatch", dispatch}}}};
}

Json rows(const std::string& board, std::int64_t last_seq) {
  return {
      {"board", board}, {"ok", true}, {"rows", {{"dispatcher", Json::array({Json::array({1, last_seq})})}}}};
}

Json check(const std::string& name, const std::vector<Json>& boards) {
  return {{"type", "check"}, {"check", name}, {"boards", boards}};
}

Json unreadable(const std::string& board, int code, const std::string& message) {
  return {{"board", board},
          {"ok", false},
          {"rows", nullptr},
          {"integrity", nullptr},
          {"error", {{"code", code}, {"message", message}, {"where", "SELECT"}, {"app", nullptr}}}};
}

Json sound(const std::string& board, std::int64_t last_seq, const std::string& integrity) {
  Json view = rows(board, last_seq);
  view["integrity"] = integrity;
  return view;
}

Json end(const std::string& reason) {
  return {{"type", "end"}, {"reason", reason}, {"steps", 1}, {"samples", 1}};
}

std::vector<Json> healthy_end(int boards, std::int64_t last_seq) {
  std::vector<Json> seen, final_copies;
  for (int i = 0; i < boards; ++i) {
    seen.push_back(rows(board_name(static_cast<std::size_t>(i)), last_seq));
    final_copies.push_back(sound(board_name(static_cast<std::size_t>(i)), last_seq));
  }
  return {check("inside", seen), check("outside", seen), check("acknowledged", seen),
          check("final", final_copies)};
}

facts::CellFacts facts_of(const std::vector<Json>& lines) {
  facts::CellFacts facts;
  for (const Json& line : lines) facts.accept(line);
  return facts;
}

facts::CellFacts healthy_facts(const Json& head, const std::vector<Json>& lines, int boards) {
  std::vector<Json> all{head};
  all.insert(all.end(), lines.begin(), lines.end());
  for (const Json& line : healthy_end(boards)) all.push_back(line);
  all.push_back(end());
  return facts_of(all);
}

facts::CellFacts series_facts(int ticks, const std::function<Json(std::int64_t)>& at, const Json& settings) {
  Json values = {{"warmup_ticks", 1}};
  values.update(settings);
  std::vector<Json> lines;
  for (std::int64_t tick = 0; tick < ticks; ++tick) {
    lines.push_back(pass(tick));
    lines.push_back(sample(tick, {at(tick)}));
  }
  return healthy_facts(header(1, values), lines);
}

}  // namespace walsoak::testing
