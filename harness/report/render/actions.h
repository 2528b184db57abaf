// A judged run as annotations, which GitHub Actions shows beside a job and a pull request. A pure function;
// names of machine, user, databases and commands are taken out, as of report.md.
#pragma once

#include <string>
#include <vector>

#include "harness/report/text/phrases.h"

namespace walsoak::report {

// GitHub shows ten errors and ten warnings a step.
inline constexpr std::size_t kMostAnnotations = 10;
// A workflow command a verdict that is not pass, failed ones (`::error`) first, then unknown ones
// (`::warning`): at most kMostAnnotations of each, the last of which says how many more there are. `failure`,
// if not empty, is why the run could not be carried out, and comes before them. No newline at their ends.
std::vector<std::string> annotations(const Json& summary, const std::string& failure);

}  // namespace walsoak::report
