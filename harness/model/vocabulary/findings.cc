#include "harness/model/vocabulary/findings.h"

#include <algorithm>
#include <array>

namespace walsoak {
namespace {

// The colours differ for the colour-blind, too; a page or a picture writes the name beside its colour.
constexpr std::array kFindings = {
    FindingInfo{kDataLoss, Harm::rows, "#D55E00",
                "acknowledged commits are missing from the final copy, or its integrity check fails"},
    FindingInfo{kWedged, Harm::service, "#CC79A7", "the last three dispatch passes over a board all failed"},
    FindingInfo{kFailing, Harm::service, "#0072B2",
                "dispatch passes over a board failed, and the last three did not all"},
    FindingInfo{kLeak, Harm::descriptors, "#E69F00",
                "descriptors grow in both halves of the samples after warm-up"},
    FindingInfo{kBoundedGrowth, Harm::descriptors, "#F0E442",
                "descriptors grew after warm-up, and not in the last half"},
    FindingInfo{kUnknown, Harm::unknown, "#BBBBBB",
                "data for a worse finding than the next that holds is missing"},
    FindingInfo{kChurn, Harm::none, "#56B4E9",
                "connections in scope close last, and each such close unlinks -wal and -shm"},
    FindingInfo{kClean, Harm::none, "#009E73", "none of the other findings holds"},
};

constexpr auto kFindingNames = [] {
  std::array<std::string_view, kFindings.size()> names;
  std::transform(kFindings.begin(), kFindings.end(), names.begin(),
                 [](const FindingInfo& f) { return f.name; });
  return names;
}();

}  // namespace

std::span<const FindingInfo> findings_table() {
  return kFindings;
}

std::span<const std::string_view> finding_names() {
  return kFindingNames;
}

std::size_t harm_rank(std::string_view finding) {
  return static_cast<std::size_t>(std::find(kFindingNames.begin(), kFindingNames.end(), finding) -
                                  kFindingNames.begin());
}

Harm harm_of(std::string_view finding) {
  const std::size_t rank = harm_rank(finding);
  return rank < kFindings.size() ? kFindings[rank].harm : Harm::unknown;
}

bool is_harmful(std::string_view finding) {
  const Harm harm = harm_of(finding);
  return harm != Harm::unknown && harm != Harm::none;
}

}  // namespace walsoak
