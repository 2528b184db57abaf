// Expands a scenario's `matrix`: every combination of the values under its keys, the last key varying
// fastest. A list of such objects is expanded one object after the other.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "harness/model/scenario/assignments.h"

namespace walsoak::scenario {

// More cells than anybody waits for; a guard against a product that was not meant.
inline constexpr std::size_t kMostCells = 10000;

// The assignments of each combination; one without any for an empty object. Throws ScenarioError.
std::vector<std::vector<Assignment>> expand_matrix(const nlohmann::ordered_json& matrix, const Place& place,
                                                   const Vocabulary& vocabulary);

}  // namespace walsoak::scenario
