// Times as people type them.
#pragma once

#include <optional>
#include <string>

namespace walsoak {

inline constexpr const char* kValidDurations = "a number with ms, s, m, h or d, as 5s or 8h";

// Seconds of an option's value. Throws Refused naming the option where it is no time.
double seconds_of(const char* option, const std::string& text);

// Seconds of "5s", "500ms", "90m", "8h", "2d" or a plain number of seconds; nothing where it is no time, or
// not more than 0, or more than some thirty years.
std::optional<double> parse_seconds(const std::string& text);

}  // namespace walsoak
