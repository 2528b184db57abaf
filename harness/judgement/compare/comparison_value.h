// One thing of a cell - a finding, a verdict, a metric - in two runs: better, worse, the same, or not to be
// told. Each side is the values of its repeats, one where the cell was not repeated. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "harness/base/shared/tristate.h"
#include "harness/model/vocabulary/metrics.h"

namespace walsoak::judgement {

inline constexpr const char* kBetter = "better";
inline constexpr const char* kWorse = "worse";
inline constexpr const char* kSame = "same";
inline constexpr const char* kCannotTell = "cannot tell";

// Of the interval of a difference: it misses in at most one case in a hundred.
inline constexpr double kComparisonLevel = 0.01;

struct ComparedSides {
  std::string baseline, other;  // labels, for reasons
  bool lockstep = true;         // counts are exact
  double tolerance = 0.1;       // the share of the baseline below which a difference does not matter
  std::string untimed;          // why times and sizes cannot be compared, whatever the repeats; else ""
};

// {"baseline","other","result","reason"}: the distinct values of each side. Worse where every repeat of the
// other is worse than every repeat of the baseline, the same where all are the same. Repeats of a lockstep
// cell that disagree, and whatever is unknown, cannot tell.
nlohmann::ordered_json compare_findings(const std::vector<std::string>& baseline,
                                        const std::vector<std::string>& other, const ComparedSides& sides);
nlohmann::ordered_json compare_verdicts(const std::vector<std::string>& baseline,
                                        const std::vector<std::string>& other, const ComparedSides& sides);

// {"metric","better","baseline","other","difference","low","high","exact","repeats":[n,n],"gates","result",
// "reason"}; figures are medians (the lower of two in the middle). A count in lockstep is exact: any
// difference is one. All else is told by the interval of the shift (shift.h): better or worse where all of it
// lies beyond the tolerance, the same where all of it lies within. `gates`: a result that cannot be told
// leaves the comparison open; it does not where neither side knows the metric, and, unless it was `asked` for
// by name, where a time or size was not repeated or only one side knows it.
nlohmann::ordered_json compare_metric(const MetricInfo& metric, const std::vector<Count>& baseline,
                                      const std::vector<Count>& other, const ComparedSides& sides,
                                      bool asked);

}  // namespace walsoak::judgement
