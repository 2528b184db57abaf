// Field reports put to the test: what threads reported beside what the run measured, as
// scripts/lib/field_report.py --json works it out from the scenarios' own members `field`.
#pragma once

#include <cstddef>
#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// "Of 12 field reports 5 are reproduced in full, 7 in part and 0 not." Not escaped. "" where `field` is null.
std::string field_answer(const Json& field);

// A row a thread: reported beside measured, the quantity that nobody tuned, the mechanism, and the cure; then
// what was tried. "" where `field` is null.
std::string field_section(const Json& field, std::size_t most_rows);

}  // namespace walsoak::report
