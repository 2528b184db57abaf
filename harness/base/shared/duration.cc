#include "harness/base/shared/duration.h"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "harness/base/shared/errors.h"

namespace walsoak {

std::optional<double> parse_seconds(const std::string& text) {
  static const std::map<std::string, double> units = {{"", 1},   {"ms", 0.001}, {"s", 1},
                                                      {"m", 60}, {"h", 3600},   {"d", 86400}};
  std::size_t end = 0;
  double number = -1;
  try {
    number = std::stod(text, &end);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  const auto unit = units.find(text.substr(end));
  if (unit == units.end()) return std::nullopt;
  const double seconds = number * unit->second;
  return seconds > 0 && seconds <= 1e9 ? std::optional(seconds) : std::nullopt;
}

double seconds_of(const char* option, const std::string& text) {
  const auto seconds = parse_seconds(text);
  if (!seconds) throw Refused(fmt::format("{} {}: no time; valid: {}", option, text, kValidDurations));
  return *seconds;
}

}  // namespace walsoak
