#include "harness/base/shared/span_text.h"

#include <fmt/format.h>

namespace walsoak {

std::string span_text(double seconds) {
  const auto in = [seconds](double unit, const char* name) {
    const double value = seconds / unit;
    // Three digits would write a thousand as 1e+03.
    return value < 100 ? fmt::format("{:.3g} {}", value, name) : fmt::format("{:.0f} {}", value, name);
  };
  if (seconds < 120) return in(1, "s");
  if (seconds < 7200) return in(60, "min");
  if (seconds < 172800) return in(3600, "h");
  return in(86400, "days");
}

}  // namespace walsoak
