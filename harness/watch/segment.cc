#include "harness/watch/segment.h"

#include <cmath>
#include <filesystem>
#include <utility>

#include "harness/record/stream_reader.h"

namespace walsoak::watch {

using nlohmann::ordered_json;

ordered_json Manner::to_json() const {
  ordered_json json{{"mode", "watch"}, {"every_s", nullptr}, {"peek", peek}};
  if (!on_lines) {
    const bool whole = every_s == std::floor(every_s);
    json["every_s"] = whole ? ordered_json(static_cast<std::int64_t>(every_s)) : ordered_json(every_s);
  }
  return json;
}

Segment::Segment(const os::RunFolder& folder, std::string cell, const os::ProcessEntry& process,
                 const Manner& manner, observer::DatabaseNames& names, const os::Clock& clock)
    : cell_(std::move(cell)),
      process_(process, names, manner.peek),
      manner_(manner),
      clock_(clock),
      stream_(folder, std::filesystem::path("cells") / (cell_ + ".jsonl")) {}

void Segment::write(const ordered_json& line) {
  stream_.append(line);
  facts_.accept(line);
}

ordered_json Segment::subject_json() const {
  const os::ProcessEntry& process = process_.process();
  return {{"pid", process.pid},
          {"start_ticks", process.start_ticks},
          {"start_time", os::utc_text(clock_.unix_s() - os::age_s(process))},
          {"command", process.command},
          {"arguments", process.arguments},
          {"user", process.user ? ordered_json(*process.user) : ordered_json()}};
}

void Segment::write_header(const std::vector<NamedDatabase>& databases) {
  ordered_json boards = ordered_json::array();
  for (const NamedDatabase& database : databases) {
    boards.push_back(
        {{"name", database.name}, {"path", database.path}, {"how", observer::how_text(database.how)}});
  }
  write({{"type", "header"},
         {"schema_version", record::kStreamVersion},
         {"cell", cell_},
         {"settings", manner_.to_json()},
         {"subject", subject_json()},
         {"boards", std::move(boards)},
         {"started", os::utc_text(clock_.unix_s())}});
}

bool Segment::sample() {
  const std::int64_t now_us = clock_.monotonic_us();
  if (next_tick_ == 0) begin_us_ = now_us;
  const std::int64_t t_us = now_us - begin_us_;
  auto look = process_.look(next_tick_, t_us);
  if (!look) return false;
  if (next_tick_ == 0) {
    write_header(look->found);
  } else {
    for (const NamedDatabase& database : look->found) {
      write({{"type", "event"},
             {"tick", next_tick_},
             {"event", "database"},
             {"name", database.name},
             {"path", database.path},
             {"how", observer::how_text(database.how)},
             {"t_us", t_us}});
    }
  }
  write(look->sample);
  last_sample_ = std::move(look->sample);
  ++next_tick_;
  return true;
}

void Segment::end(const std::string& reason) {
  if (next_tick_ == 0) write_header({});
  write({{"type", "end"}, {"reason", reason}, {"steps", 0}, {"samples", next_tick_}});
  ended_ = true;
}

ordered_json Segment::run_json() const {
  return {{"cell", cell_},
          {"state", state()},
          {"settings", manner_.to_json()},
          {"differs", ordered_json::object()},
          {"control_of", nullptr},
          {"expected", verdict::Expectation().to_json()},
          {"subject", subject_json()}};
}

verdict::CellSummary Segment::summary() const {
  verdict::CellIdentity identity;
  identity.cell = cell_;
  identity.settings = manner_.to_json();
  identity.differs = ordered_json::object();
  identity.control_of = nullptr;
  identity.state = state();
  return verdict::conclude(identity, facts_, verdict::Expectation());
}

}  // namespace walsoak::watch
