// What report.html is made of: the text of the report, every row of it, and each cell whole. The text is the
// one of report.md, so that no sentence is written twice; the redaction is the same, too.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/render/report.h"

namespace walsoak::report {

// A page stays within a few MB however large the run: of more cells than this, those with the worst findings
// are told in detail. The tables have them all.
inline constexpr std::size_t kMostDetailedCells = 100;
inline constexpr std::size_t kLongestPage = 2'000'000;

// What is to be shown of a cell's samples; called for cells in detail only, null where there is nothing.
using SamplesOf = std::function<nlohmann::ordered_json(const std::string& cell)>;

// {"markdown","run","walsoak","state","cells":[each as in the summary, and "samples"],"cells_left_out"}.
// `sources` and `names` as for report_markdown; throws as it does, and what `samples_of` throws.
nlohmann::ordered_json page(const nlohmann::ordered_json& summary, const Sources& sources, Names names,
                            const SamplesOf& samples_of);

}  // namespace walsoak::report
