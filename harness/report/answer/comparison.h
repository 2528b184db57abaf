// A comparison of runs (schemas/compare.schema.json) as text for a terminal and as Markdown for an issue or a
// job summary: findings first, then verdicts, then metrics; what is the same is counted, not shown.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace walsoak::report {

// At most `most_rows` rows a comparison; the rest is counted. Both end with a newline.
std::string comparison_text(const nlohmann::ordered_json& comparison, std::size_t most_rows = 60);
std::string comparison_markdown(const nlohmann::ordered_json& comparison, std::size_t most_rows = 200);

// Without the names that a report of these runs leaves out (privacy.h, record/redact.h).
nlohmann::ordered_json redacted_comparison(const nlohmann::ordered_json& comparison,
                                           const std::vector<nlohmann::ordered_json>& summaries);

}  // namespace walsoak::report
