// A diagnosis in words for a terminal.
#pragma once

#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// brief: five lines a cell: which process, what is seen, what it means, what to do now, what would settle it.
// whole: every cause with its evidence and cures, what is ruled out and what is not told; wrapped at 100
// columns.
enum class DiagnosisForm { brief, whole };

// Of the document of docs/record.md, "A diagnosis". Throws nlohmann::json::exception on another shape.
std::string diagnosis_text(const Json& document, DiagnosisForm form);

}  // namespace walsoak::report
