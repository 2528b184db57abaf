// The lines of a watched process's stream that are no samples, in the shape of docs/record.md: for a watch
// that is recorded and for a glance that is not.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/os/clock.h"
#include "harness/field/watch/foreign_process.h"

namespace walsoak::watch {

// How a process is watched; the settings of a watched cell.
struct Manner {
  double every_s = 60;
  bool on_lines = false;  // one sample for each line on standard input, instead
  bool peek = false;

  nlohmann::ordered_json to_json() const;
};

nlohmann::ordered_json subject_json(const os::ProcessEntry& process, const os::Clock& clock);

nlohmann::ordered_json header_line(const std::string& cell, const Manner& manner,
                                   const os::ProcessEntry& process,
                                   const std::vector<NamedDatabase>& databases, const os::Clock& clock);
// {"name","path","how"}, as a header lists it.
nlohmann::ordered_json database_json(const NamedDatabase& database);
// Before the sample that shows it for the first time.
nlohmann::ordered_json database_line(std::int64_t tick, std::int64_t t_us, const NamedDatabase& database);
nlohmann::ordered_json end_line(const std::string& reason, std::int64_t samples);

}  // namespace walsoak::watch
