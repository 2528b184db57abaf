#include "harness/os/clock.h"

#include <ctime>

namespace walsoak::os {
namespace {

class SystemClock final : public Clock {
 public:
  std::int64_t monotonic_us() const override {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1000000 + now.tv_nsec / 1000;
  }
  std::int64_t unix_s() const override { return std::time(nullptr); }
};

std::string format_utc(std::int64_t unix_s, const char* format) {
  const std::time_t seconds = unix_s;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[64];
  return {buffer, std::strftime(buffer, sizeof buffer, format, &parts)};
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string utc_text(std::int64_t unix_s) {
  return format_utc(unix_s, "%Y-%m-%dT%H:%M:%SZ");
}
std::string utc_compact(std::int64_t unix_s) {
  return format_utc(unix_s, "%Y%m%dT%H%M%SZ");
}

}  // namespace walsoak::os
