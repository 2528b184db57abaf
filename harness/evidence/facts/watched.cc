#include "harness/evidence/facts/watched.h"

#include <algorithm>

#include "harness/base/shared/json_text.h"

namespace walsoak::facts {
namespace {

using nlohmann::ordered_json;

Count inode_of(const ordered_json& boards, const std::string& name) {
  const ordered_json inode = boards.at(name).value("wal_inode", ordered_json());
  return inode.is_number_integer() ? Count(inode.get<std::int64_t>()) : std::nullopt;
}

ordered_json moments(Count first, Count last, Count peak) {
  return {{"first", json_of(first)}, {"last", json_of(last)}, {"peak", json_of(peak)}};
}

ordered_json database_json(const std::string& name, const WatchedDatabase& database) {
  ordered_json json{{"name", name}};
  constexpr std::pair<const char*, Key> kClasses[] = {{"main", Key::kernel_main},
                                                      {"wal", Key::kernel_wal},
                                                      {"shm", Key::kernel_shm},
                                                      {"journal", Key::kernel_journal},
                                                      {"wal_deleted", Key::kernel_wal_deleted},
                                                      {"shm_deleted", Key::kernel_shm_deleted},
                                                      {"wal_bytes", Key::wal_bytes}};
  for (const auto& [label, key] : kClasses) {
    json[label] = moments(database.first[key], database.last[key], database.peak[key]);
  }
  return json;
}

}  // namespace

void WatchedFacts::accept_header(const ordered_json& line) {
  subject_ = line.value("subject", ordered_json::object());
  const ordered_json settings = line.value("settings", ordered_json::object());
  every_s_ = settings.value("every_s", ordered_json());
  peek_ = settings.value("peek", false);
  shows_folder_ = settings.value("source", std::string{}) != "listing";
}

void WatchedFacts::accept_sample(const ordered_json& line, const Sample& sample) {
  const ordered_json boards = line.value("boards", ordered_json::object());
  for (const auto& [name, counts] : sample.boards) {
    const auto [entry, added] = databases_.try_emplace(name);
    WatchedDatabase& database = entry->second;
    const Count inode = inode_of(boards, name);
    if (added) {
      database.first = database.peak = counts;
    } else {
      const bool another = inode ? inode != database.wal_inode : shows_folder_;
      if (database.wal_inode && another && counts[Key::kernel_wal_deleted] == 0) ++database.turnover;
      database.peak.raise_to(counts);
    }
    database.last = counts;
    if (inode || shows_folder_) database.wal_inode = inode;
  }
  const Count descriptors = sample.process[static_cast<std::size_t>(ProcessKey::descriptors)];
  if (samples_ == 0) descriptors_first_ = descriptors_peak_ = descriptors;
  descriptors_last_ = descriptors;
  if (descriptors) descriptors_peak_ = std::max(descriptors_peak_.value_or(0), *descriptors);
  descriptor_limit_ = sample.process[static_cast<std::size_t>(ProcessKey::descriptor_limit)];
  last_t_us_ = line.value("t_us", std::int64_t{0});
  ++samples_;
}

std::int64_t WatchedFacts::wal_turnover() const {
  std::int64_t turnover = 0;
  for (const auto& [name, database] : databases_) turnover += database.turnover;
  return turnover;
}

ordered_json WatchedFacts::to_json() const {
  ordered_json json;
  // Neither arguments nor paths: they stand in the stream, and a report is made of the summary alone.
  for (const char* key : {"command", "pid", "start_time"}) json[key] = subject_.value(key, ordered_json());
  json["every_s"] = every_s_;
  json["peek"] = peek_;
  json["samples"] = samples_;
  json["duration_us"] = last_t_us_;
  json["ended"] = end_reason_.empty() ? ordered_json() : ordered_json(end_reason_);
  json["wal_turnover"] = wal_turnover();
  json["descriptors"] = moments(descriptors_first_, descriptors_last_, descriptors_peak_);
  json["descriptor_limit"] = json_of(descriptor_limit_);
  json["databases"] = ordered_json::array();
  for (const auto& [name, database] : databases_) json["databases"].push_back(database_json(name, database));
  return json;
}

}  // namespace walsoak::facts
