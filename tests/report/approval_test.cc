// Reports and tables of several kinds of runs, held against approved ones. The summaries are those of short
// runs, made nobody's by tests/fixtures/make_reports.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/report/blocks/watched.h"
#include "harness/report/render/report.h"
#include "harness/report/render/terminal.h"
#include "tests/report/approved.h"

namespace walsoak::report {
namespace {

namespace fs = std::filesystem;

const fs::path kReports = fs::path(WALSOAK_FIXTURES) / "reports";

Json json_in(const fs::path& file) {
  return Json::parse(os::read_file(file));
}

class ApprovalTest : public testing::TestWithParam<const char*> {
 protected:
  ApprovalTest()
      : folder_(kReports / GetParam()),
        summary_(json_in(folder_ / "summary.json")),
        beside_(fs::exists(folder_ / "beside.json") ? json_in(folder_ / "beside.json") : Json::object()) {}

  Sources sources() const {
    return {beside_.value("pictures", std::vector<std::string>{}),
            beside_.value("titles", std::map<std::string, std::string>{}), beside_.value("field", Json())};
  }

  const fs::path folder_;
  const Json summary_;
  const Json beside_;
};

TEST_P(ApprovalTest, TheReportIsTheApprovedOne) {
  tests::expect_approved(report_markdown(summary_, sources()), folder_ / "report.md");
}

TEST_P(ApprovalTest, WhatATerminalShowsIsTheApprovedText) {
  tests::expect_approved(is_watch(summary_) ? watch_text(summary_) : summary_table(summary_),
                         folder_ / "table.txt");
}

// Whatever the files say: question, answer and evidence come first, and every part that unfolds is closed.
TEST_P(ApprovalTest, IsBuiltAsReportsAre) {
  const std::string text = report_markdown(summary_, sources());
  std::size_t at = 0;
  for (const char* part : {"# ", "\n**Question.** ", "\n\n**Answer. ", ".**\n\n- ", "\n## ",
                           "\n## Pictures\n", "\n## Repeat it\n\n```sh\n", "\n## Without walsoak\n",
                           "\n## What this does not show\n", "\n## Raw data\n\n<details>"}) {
    const bool may_be_missing = std::string_view(part).find("Without") != std::string_view::npos;
    const std::size_t found = text.find(part, at);
    if (found == std::string::npos && may_be_missing) continue;
    ASSERT_NE(found, std::string::npos) << part;
    at = found;
  }
  const auto count = [&text](std::string_view what) {
    std::size_t times = 0;
    for (std::size_t i = text.find(what); i != std::string::npos; i = text.find(what, i + 1)) ++times;
    return times;
  };
  EXPECT_EQ(count("<details>"), count("</details>"));
  EXPECT_EQ(count("</summary>"), count("</summary>\n\n")) << "GitHub needs the empty line";
  EXPECT_LE(count("\n!["), 4u);
  EXPECT_EQ(text.find("/tmp/"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Kinds, ApprovalTest,
                         testing::Values("lockstep", "free", "fixes", "several", "field", "watch",
                                         "interrupted", "failing"),
                         [](const auto& kind) { return std::string(kind.param); });

}  // namespace
}  // namespace walsoak::report
