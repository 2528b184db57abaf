// Three-valued results: counts and conditions that may be unknown, and the verdicts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace walsoak {

// A number that may be unknown. Unknown is never 0: arithmetic with it is unknown.
using Count = std::optional<std::int64_t>;

inline Count sum(Count a, Count b) {
  return a && b ? Count(*a + *b) : std::nullopt;
}
inline Count difference(Count a, Count b) {
  return a && b ? Count(*a - *b) : std::nullopt;
}
// The greater of the two; one that is unknown does not count.
inline void raise(Count& most, Count value) {
  if (value && (!most || *value > *most)) most = value;
}
inline std::string text(Count count) {
  return count ? std::to_string(*count) : "unknown";
}

// Whether something holds, and the numbers that say so.
enum class Presence { no, yes, unknown };
struct Judgement {
  Presence presence = Presence::unknown;
  std::string evidence;
};

inline constexpr const char* kPass = "pass";
inline constexpr const char* kFail = "fail";

}  // namespace walsoak
