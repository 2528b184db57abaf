// A diagnosis in words for a terminal: the verdict first, then what fits, what is ruled out, and what would
// tell more.
#pragma once

#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// Of the document of docs/record.md, "A diagnosis"; lines wrapped at 100 columns. Throws
// nlohmann::json::exception on another shape.
std::string diagnosis_text(const Json& document);

}  // namespace walsoak::report
