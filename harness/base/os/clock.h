// The one door to the clock; a fake stands in for it in tests.
#pragma once

#include <cstdint>
#include <string>

namespace walsoak::os {

class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds of a clock that never goes back (CLOCK_MONOTONIC); its zero means nothing.
  virtual std::int64_t monotonic_us() const = 0;
  // Seconds since 1970 in UTC.
  virtual std::int64_t unix_s() const = 0;
};

// The machine's clock. Thread-safe.
const Clock& system_clock();

// Microseconds since 1970 in UTC, of the machine's clock. Thread-safe.
std::int64_t unix_us();

// "2026-11-23T18:00:00Z", and for names of folders "20261123T180000Z".
std::string utc_text(std::int64_t unix_s);
std::string utc_compact(std::int64_t unix_s);

}  // namespace walsoak::os
