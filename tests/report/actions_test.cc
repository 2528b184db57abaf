// What GitHub Actions is told: its command lines, their bounds, and that they name nobody.
#include "harness/report/render/actions.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "harness/report/render/report.h"
#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

Json judged_cell(const std::string& name, const std::string& verdict,
                 const std::vector<std::string>& reasons) {
  Json made = cell(name, {{"strategy", "pool"}}, "leak");
  made["verdict"] = verdict;
  made["reasons"] = reasons;
  return made;
}

TEST(ActionsTest, SaysNothingOfWhatPassed) {
  EXPECT_THAT(annotations(summary_of({judged_cell("c01", "pass", {})}), ""), IsEmpty());
}

TEST(ActionsTest, FailedVerdictsAreErrorsAndUnknownOnesWarnings) {
  const Json summary =
      summary_of({judged_cell("c01", "unknown", {"too short"}), judged_cell("c02", "pass", {}),
                  judged_cell("c03", "fail", {"expected finding clean, seen leak", "more"})});
  EXPECT_THAT(annotations(summary, ""),
              ElementsAre("::error title=walsoak%3A c03 (strategy = pool) fail::expected finding clean, seen "
                          "leak%0Amore",
                          "::warning title=walsoak%3A c01 (strategy = pool) unknown::too short"));
}

// What a scenario or an error message holds must not become a command of its own.
TEST(ActionsTest, NoTextBreaksOutOfItsLine) {
  Json made = judged_cell("c01", "fail", {"100 %\r\n::add-mask::x"});
  made["differs"] = {{"module", "a,b:c%\n"}};
  EXPECT_THAT(
      annotations(summary_of({made}), ""),
      ElementsAre(
          "::error title=walsoak%3A c01 (module = a%2Cb%3Ac%25\\n) fail::100 %25\\r\\n::add-mask::x"));
}

TEST(ActionsTest, WhatWasNotCarriedOutComesFirst) {
  EXPECT_THAT(annotations(summary_of({judged_cell("c01", "fail", {"r"})}), "no space left"),
              ElementsAre("::error title=walsoak%3A the run was not carried out::no space left",
                          StartsWith("::error title=walsoak%3A c01")));
}

TEST(ActionsTest, ThereAreAtMostTenOfEachAndTheLastSaysHowManyMore) {
  std::vector<Json> cells;
  for (int i = 1; i <= 30; ++i) {
    cells.push_back(judged_cell(fmt::format("c{:02}", i), i % 2 == 0 ? "fail" : "unknown", {"r"}));
  }
  const auto lines = annotations(summary_of(cells), "");
  ASSERT_THAT(lines, SizeIs(20));
  EXPECT_EQ(lines[9], "::error title=walsoak%3A more::6 more cells are fail; the report has them all");
  EXPECT_EQ(lines[19], "::warning title=walsoak%3A more::6 more cells are unknown; the report has them all");
  EXPECT_THAT(annotations(summary_of(cells), "it failed"), SizeIs(20)) << "one of the ten errors";
}

TEST(ActionsTest, NamesOfTheMachineAndItsUserAreTakenOut) {
  Json summary = summary_of({judged_cell("c01", "fail", {"/home/winifred/x.db on buildbox-7"})});
  summary["environment"] = {{"hostname", "buildbox-7"}, {"user", "winifred"}, {"home", "/home/winifred"}};
  EXPECT_THAT(annotations(summary, "/home/winifred is full"),
              Each(AllOf(Not(HasSubstr("winifred")), Not(HasSubstr("buildbox")))));
  EXPECT_THAT(brief_markdown(summary), AllOf(Not(HasSubstr("winifred")), HasSubstr("~/x.db on HOST")));
}

TEST(BriefTest, SaysTheAnswerTheReasonsAndTheCells) {
  const std::string text =
      brief_markdown(summary_of({judged_cell("c01", "fail", {"expected finding clean, seen leak"})}));
  EXPECT_THAT(text, StartsWith("# T\n"));
  EXPECT_THAT(text, HasSubstr("Verdict: **pass** (1 fail)."));
  EXPECT_LT(text.find("- c01: fail, expected finding clean, seen leak"), text.find("## Cells"));
  EXPECT_THAT(text, Not(HasSubstr("## Environment")));
}

TEST(BriefTest, IsNeverLongerThanAReport) {
  std::vector<Json> cells(3000, judged_cell("c01", "fail", {std::string(200, 'x')}));
  EXPECT_LE(brief_markdown(summary_of(cells)).size(), kLongestReport);
  // One row, longer than all of it.
  Json cell = judged_cell("c01", "fail", {});
  cell["differs"]["strategy"] = std::string(2 * kLongestReport, 'x');
  cell["settings"]["strategy"] = cell["differs"]["strategy"];
  const std::string text = brief_markdown(summary_of({cell}));
  EXPECT_LE(text.size(), kLongestReport);
  EXPECT_THAT(text, StartsWith("# T\n"));
}

}  // namespace
}  // namespace walsoak::report
