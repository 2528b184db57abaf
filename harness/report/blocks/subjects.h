// Subjects in different languages side by side: cells that differ in the setting `subject` alone, and whether
// they tell the same story.
#pragma once

#include <cstddef>
#include <string>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// How many pairs agree in finding, lost commits and descriptors at the last quiet sample, and where one does
// not; "" where the run compares no subjects.
std::string subjects_section(const Json& summary, std::size_t most_rows);

}  // namespace walsoak::report
