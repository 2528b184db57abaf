#include "harness/report/render/actions.h"

#include <fmt/format.h>

#include "harness/base/escape/escape.h"
#include "harness/evidence/record/redact.h"
#include "harness/report/text/privacy.h"

namespace walsoak::report {
namespace {

std::string command_line(const char* level, const std::string& title, const std::string& message) {
  return fmt::format("::{} title={}::{}", level, escape::workflow_property(title),
                     escape::workflow_message(message));
}

std::string annotation_title(const Json& cell) {
  const std::string id = cell.value("cell", std::string{});
  const std::string settings = settings_text(cell);
  return fmt::format("walsoak: {}{} {}", id, settings == id ? "" : fmt::format(" ({})", settings),
                     cell.value("verdict", std::string{}));
}

// Why a cell did not pass, a line each; a page of them helps nobody.
std::string message_of(const Json& cell) {
  constexpr std::size_t kMostReasons = 6;
  std::vector<std::string> reasons = strings(cell.value("reasons", Json::array()));
  if (reasons.empty()) return fmt::format("finding {}", finding_text(cell));
  std::string text;
  for (std::size_t i = 0; i < reasons.size() && i < kMostReasons; ++i) {
    text += (i == 0 ? "" : "\n") + reasons[i];
  }
  if (reasons.size() > kMostReasons) text += fmt::format("\nand {} more", reasons.size() - kMostReasons);
  return text;
}

void add_cells(std::vector<std::string>& lines, const Json& summary, const std::string& verdict,
               const char* level, std::size_t most) {
  std::vector<std::string> own;
  std::size_t more = 0;
  for (const Json& cell : summary.at("cells")) {
    if (cell.value("verdict", std::string{}) != verdict) continue;
    if (own.size() < most) {
      own.push_back(command_line(level, annotation_title(cell), message_of(cell)));
    } else {
      ++more;
    }
  }
  if (more > 0) {
    own.back() =
        command_line(level, "walsoak: more",
                     fmt::format("{} more cells are {}; the report has them all", more + 1, verdict));
  }
  lines.insert(lines.end(), own.begin(), own.end());
}

}  // namespace

std::vector<std::string> annotations(const Json& summary, const std::string& failure) {
  const record::Identity identity = record::identity_of(summary.value("environment", Json::object()));
  const Json open = escape::visible_document(record::redact_json(without_private_names(summary), identity));
  std::vector<std::string> lines;
  if (!failure.empty()) {
    lines.push_back(command_line("error", "walsoak: the run was not carried out",
                                 escape::visible(record::redact(failure, identity))));
  }
  add_cells(lines, open, "fail", "error", kMostAnnotations - lines.size());
  add_cells(lines, open, "unknown", "warning", kMostAnnotations);
  return lines;
}

}  // namespace walsoak::report
