#include "harness/field/watch/stream_lines.h"

#include <cmath>
#include <utility>

#include "harness/evidence/record/stream_reader.h"

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

ordered_json subject_json(const os::ProcessEntry& process, const os::Clock& clock) {
  return {{"pid", process.pid},
          {"start_ticks", process.start_ticks},
          {"start_time", os::utc_text(clock.unix_s() - os::age_s(process))},
          {"command", process.command},
          {"arguments", process.arguments},
          {"user", process.user ? ordered_json(*process.user) : ordered_json()}};
}

ordered_json header_line(const std::string& cell, const Manner& manner, const os::ProcessEntry& process,
                         const std::vector<NamedDatabase>& databases, const os::Clock& clock) {
  ordered_json boards = ordered_json::array();
  for (const NamedDatabase& database : databases) boards.push_back(database_json(database));
  return {{"type", "header"},
          {"schema_version", record::kStreamVersion},
          {"cell", cell},
          {"settings", manner.to_json()},
          {"subject", subject_json(process, clock)},
          {"boards", std::move(boards)},
          {"started", os::utc_text(clock.unix_s())}};
}

ordered_json database_json(const NamedDatabase& database) {
  return {{"name", database.name}, {"path", database.path}, {"how", database.how}};
}

ordered_json database_line(std::int64_t tick, std::int64_t t_us, const NamedDatabase& database) {
  ordered_json line{{"type", "event"}, {"tick", tick}, {"event", "database"}};
  line.update(database_json(database));
  line["t_us"] = t_us;
  return line;
}

ordered_json end_line(const std::string& reason, std::int64_t samples) {
  return {{"type", "end"}, {"reason", reason}, {"steps", 0}, {"samples", samples}};
}

}  // namespace walsoak::watch
