// The words in which a cell's result is told: findings and mechanisms. Scenarios expect them and verdicts
// name them, so both read these lists and a word that is not here is an error in a scenario.
#pragma once

#include <span>
#include <string_view>

namespace walsoak {

// In the order in which they are tried: a cell's finding is the first that holds, "unknown" if that cannot be
// told.
std::span<const std::string_view> finding_names();

// The causes that a verdict can name beside a finding.
std::span<const std::string_view> mechanism_names();

}  // namespace walsoak
