#include "harness/base/os/clock.h"

#include <fmt/format.h>

#include <chrono>
#include <ctime>

namespace walsoak::os {
namespace {

std::int64_t microseconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return std::int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
}

class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_us() const override { return microseconds_of(CLOCK_MONOTONIC); }
  std::int64_t unix_s() const override { return std::time(nullptr); }
};

// By the calendar alone: gmtime(3) and strftime(3) would read the local time zone's file, which nobody asked
// for.
std::string format_utc(std::int64_t unix_s, const char* format) {
  using namespace std::chrono;
  const sys_seconds moment{seconds{unix_s}};
  const sys_days day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  return fmt::format(fmt::runtime(format), static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::int64_t unix_us() {
  return microseconds_of(CLOCK_REALTIME);
}

std::string utc_text(std::int64_t unix_s) {
  return format_utc(unix_s, "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z");
}
std::string utc_compact(std::int64_t unix_s) {
  return format_utc(unix_s, "{:04}{:02}{:02}T{:02}{:02}{:02}Z");
}

}  // namespace walsoak::os
