// What stands under the question: the answer in one bold sentence, and the evidence for it - numbers and
// controls - in a few lines.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// "Data loss and wedged exactly where ... (2 of 16 cells); elsewhere churn in 8 cells and clean in 6." Not
// escaped, without marks.
std::string answer_text(const Json& summary);

// A line an outcome: where it was seen, with numbers, what the control did, what made no difference. Then
// what became of the commits of all cells, and of the cells that stand as controls.
std::vector<std::string> evidence_lines(const Json& summary);

// "Mechanisms: lock lost (4 cells) and split generation (2)."; "" where none was seen.
std::string mechanisms_line(const Json& summary);

// "Churn in 3 of 5 cells and clean in 2": how often each finding was made, the worst first.
std::string findings_counted(const Json& summary);

}  // namespace walsoak::report
