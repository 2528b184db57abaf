// A stored run diagnosed from its streams alone; one that was cut off, too.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/judgement/diagnosis/diagnosis_case.h"

namespace walsoak::review {

// The diagnoses of its cells, or of the one named, in the run's order; cells without a stream are left out.
// Throws std::runtime_error or std::system_error where the folder is no run's, a file of it cannot be read,
// or no cell of that name is there.
nlohmann::ordered_json diagnose_run(const std::filesystem::path& folder, const std::string& cell,
                                    const judgement::Circumstances& circumstances, judgement::Paths paths);

}  // namespace walsoak::review
