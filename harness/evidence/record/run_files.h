// The small files of a run, run.json and summary.json: written whole and by rename, so that a reader sees the
// state after one cell or the next and never a part.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/os/run_folder.h"

namespace walsoak::record {

inline constexpr int kRunVersion = 1;
inline constexpr int kSummaryVersion = 1;
inline constexpr const char* kRunFile = "run.json";
inline constexpr const char* kSummaryFile = "summary.json";

// Write the object, with `schema_version` set as its first key; run.json also says that it `holds` names
// which reports do not. Throw std::system_error (a full disk).
void write_run(const os::RunFolder& folder, const nlohmann::ordered_json& run);
void write_summary(const os::RunFolder& folder, const nlohmann::ordered_json& summary);

// The object as write_summary writes it.
nlohmann::ordered_json summary_document(const nlohmann::ordered_json& summary);

// Read one of the two from the folder of a run. Throw std::runtime_error naming the file where it is no JSON
// object, saying at which byte it is damaged, or of another schema_version, std::system_error where it cannot
// be read.
nlohmann::ordered_json read_run(const std::filesystem::path& run_folder);
nlohmann::ordered_json read_summary(const std::filesystem::path& run_folder);

}  // namespace walsoak::record
