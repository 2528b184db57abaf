// The words in which results are told, and the two types that keep "not known" apart from "none" and from
// "no".
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

// Findings, in the order in which they are tried.
inline constexpr const char* kDataLoss = "data loss";
inline constexpr const char* kWedged = "wedged";
inline constexpr const char* kLeak = "leak";
inline constexpr const char* kBoundedGrowth = "bounded growth";
inline constexpr const char* kChurn = "churn";
inline constexpr const char* kClean = "clean";
inline constexpr const char* kUnknown = "unknown";  // a finding and a verdict

inline constexpr const char* kPass = "pass";
inline constexpr const char* kFail = "fail";

}  // namespace walsoak
