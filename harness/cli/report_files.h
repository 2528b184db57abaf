// report.md of a run folder: written by `walsoak run` at its end and by `walsoak report` at any time, in the
// same words.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "harness/base/os/run_folder.h"
#include "harness/report/render/report.h"

namespace walsoak::cli {

// The pictures that are in the folder, the titles in its run.json and, for field reports, the table of their
// numbers, which a Python of this machine makes. Throws what record::read_run throws.
report::Sources sources_of(const std::filesystem::path& run_folder);

// Redacted text is for everyone who may enter the run folder; with the machine's names it is its owner's
// alone.
mode_t report_mode(report::Names names);

// Returns the path of report.md. Throws std::system_error (a full disk).
std::filesystem::path write_markdown(const os::RunFolder& folder, const nlohmann::ordered_json& summary,
                                     const report::Sources& sources, report::Names names);

}  // namespace walsoak::cli
