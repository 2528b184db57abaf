// What people paste of a process's open files - lsof in its many forms, ls -l of /proc/<pid>/fd, counts - as
// the lines of a watched process's stream, so that the same facts and the same diagnosis serve it.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace walsoak::watch {

// Header, one sample a listing with an event before each that shows another database, end: docs/record.md,
// "A listing". Where several processes hold databases, `pid` says which is meant. Throws Refused, one
// line with the place in the text, where there is no listing, where several processes hold databases and none
// was named, or where the one named does not stand in it.
std::vector<nlohmann::ordered_json> stream_of_listing(std::string_view text,
                                                      std::optional<std::int64_t> pid = {});

}  // namespace walsoak::watch
