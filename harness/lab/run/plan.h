// What a plan says, with what its scenarios say where it is silent.
#pragma once

#include <cstdint>
#include <filesystem>

#include "harness/lab/run/run.h"

namespace walsoak::lab {

// Where the run goes; by the scenario's name and the time where the plan names no folder.
std::filesystem::path folder_for(const Plan& plan);

// Cells side by side: of several scenarios the most that one asks for.
std::int64_t jobs_of(const Plan& plan);

// How often each cell of the scenario is carried out.
std::int64_t repeats_of(const Plan& plan, const scenario::Scenario& scenario);

// Whether a cell's boards are copies of a user's database.
bool copies_a_template(const Plan& plan);

}  // namespace walsoak::lab
