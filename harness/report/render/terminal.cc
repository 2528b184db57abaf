#include "harness/report/render/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/base/escape/escape.h"
#include "harness/report/answer/answer.h"
#include "harness/report/answer/fixes.h"
#include "harness/report/blocks/deaths.h"
#include "harness/report/blocks/pace.h"
#include "harness/report/blocks/repeats.h"
#include "harness/report/text/cells.h"
#include "harness/report/text/columns.h"
#include "harness/report/text/markdown.h"

namespace walsoak::report {
namespace {

using Line = std::vector<std::string>;

std::string lines_of_cells(const Json& summary) {
  const std::vector<std::string> names = axes(summary);
  Line head{"cell"};
  head.insert(head.end(), names.begin(), names.end());
  for (const char* column :
       {"finding", "verdict", "lost", "last closes", "main/wal/shm", "peak fds", "p50 us", "mechanisms"}) {
    head.emplace_back(column);
  }
  std::vector<Line> lines{std::move(head)};
  for (const Json& cell : summary.at("cells")) {
    const std::string name = cell.value("cell", std::string{});
    Line line{cell.value("control_of", Json()).is_null() ? name : name + "*"};
    for (const std::string& axis : names) {
      line.push_back(shown_value(axis, cell.value("settings", Json::object()).value(axis, Json())));
    }
    line.push_back(finding_text(cell));
    line.push_back(cell.value("verdict", std::string{}));
    line.push_back(lost_text(cell));
    line.push_back(shown(metric(cell, "last_closes_in_scope")));
    line.push_back(growth_text(cell));
    line.push_back(shown(metric(cell, "descriptors_peak")));
    line.push_back(shown(metric(cell, "dispatch_p50_us")));
    line.push_back(mechanisms_text(cell));
    lines.push_back(std::move(line));
  }
  return aligned(lines);
}

// A run of fixes is read by fix: its cells stand in the report.
std::string lines_of_fixes(const FixTable& fixes) {
  std::vector<Line> lines{fixes.columns};
  lines.insert(lines.end(), fixes.rows.begin(), fixes.rows.end());
  return aligned(lines) + (fixes.conditions.empty() ? "" : "a / b: " + fixes.conditions + "\n");
}

// Why cells did not pass, a line each; the report has them all.
std::string lines_of_reasons(const Json& summary) {
  constexpr std::size_t kMost = 12;
  std::string text;
  std::size_t lines = 0, more = 0;
  for (const Json& cell : summary.at("cells")) {
    const std::string verdict = cell.value("verdict", std::string{});
    const Json reasons = cell.value("reasons", Json::array());
    if (verdict == "pass" || reasons.empty()) continue;
    if (++lines > kMost) {
      ++more;
      continue;
    }
    const Json aborted = cell.value("aborted", Json());
    text += fmt::format("{} {}: {}{}\n", cell.value("cell", std::string{}), verdict,
                        reasons.front().get<std::string>(), aborted.is_null() ? "" : "; it was ended there");
  }
  if (more > 0) text += fmt::format("and {} more cells; the report has them\n", more);
  return text.empty() ? text : text + "\n";
}

// Deaths that the reasons above have not named: of cells that pass all the same, or that have a reason before
// it.
std::string lines_of_deaths(const Json& stored) {
  std::string text;
  for (const Json& cell : stored.at("cells")) {
    const std::string deaths = deaths_text(cell);
    const Json reasons = cell.value("reasons", Json::array());
    if (deaths.empty() || (!reasons.empty() && reasons.front() == deaths)) continue;
    text += fmt::format("{}: {}\n", name_of(cell), deaths);
  }
  return text.empty() ? text : text + "\n";
}

}  // namespace

std::string summary_table(const nlohmann::ordered_json& document) {
  const Json stored = escape::visible_document(document);
  const Json summary = folded(stored);
  const FixTable fixes = fix_table(summary);
  std::string text = (fixes.rows.empty() ? lines_of_cells(summary) : lines_of_fixes(fixes)) + "\n";
  text += lines_of_reasons(summary);
  text += lines_of_deaths(stored);
  for (const std::string& sentence : finding_sentences(summary)) text += without_marks(sentence) + "\n";
  for (const std::string& sentence : disagreements(stored)) text += sentence + "\n";
  if (const std::string missed = missed_slots_sentence(stored); !missed.empty()) {
    text += "warning: " + missed + "\n";
  }
  return text + without_marks(verdict_sentence(summary)) + "\n";
}

}  // namespace walsoak::report
