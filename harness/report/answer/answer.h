// The outcomes of a run in full sentences: what was found, under which conditions exactly, and the control
// beside it.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// One paragraph an outcome: findings first, in the order of their weight, then what the other cells were.
std::vector<std::string> finding_sentences(const Json& summary);
// One an outcome of kind mechanism, shorter.
std::vector<std::string> mechanism_sentences(const Json& summary);
// "Verdict: fail (14 pass, 2 fail)." and what is to be said of a run that is not done.
std::string verdict_sentence(const Json& summary);

}  // namespace walsoak::report
