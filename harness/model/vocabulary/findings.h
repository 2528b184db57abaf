// Findings: the results that a cell can have, with their order of harm. The only place that knows them:
// scenarios, verdicts, reports, schemas, pages and pictures read this table (walsoak list findings --json).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace walsoak {

inline constexpr const char* kDataLoss = "data loss";
inline constexpr const char* kWedged = "wedged";
inline constexpr const char* kFailing = "failing";
inline constexpr const char* kLeak = "leak";
inline constexpr const char* kBoundedGrowth = "bounded growth";
inline constexpr const char* kUnknown = "unknown";  // also a verdict
inline constexpr const char* kChurn = "churn";
inline constexpr const char* kClean = "clean";

// The damage of a finding: to rows, to service, to descriptors, not known, none.
enum class Harm { rows, service, descriptors, unknown, none };

struct FindingInfo {
  std::string_view name;
  Harm harm;
  std::string_view colour;  // "#RRGGBB", after Okabe and Ito
  std::string_view meaning;
};

// Worst first. `unknown` comes before the harmless ones: an unknown result may hide any harm.
std::span<const FindingInfo> findings_table();

// The names in the table's order.
std::span<const std::string_view> finding_names();

// The place in the table, 0 the worst; the table's size for a name that is no finding.
std::size_t harm_rank(std::string_view finding);

// Harm::unknown for a name that is no finding.
Harm harm_of(std::string_view finding);

// Whether the finding is a harm that was seen: to rows, to service or to descriptors.
bool is_harmful(std::string_view finding);

}  // namespace walsoak
