// When a listing was made, from what stands beside it: the output of date, the heading of watch, a log's
// timestamps.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace walsoak::watch {

struct Moment {
  std::int64_t us;  // since the epoch in the text's own time zone; without a date, since some midnight
  bool dated;
};

// The first time with seconds in a line, with its date where one stands beside it:
// "Fri May 22 04:00:01 CEST 2026", "22 May 2026 04:00:01 AM", "2026-05-22T04:00:01.5Z", "[04:00:01]", or an
// epoch alone ("date +%s").
std::optional<Moment> time_in(std::string_view line);

}  // namespace walsoak::watch
