// Limits of a report's answer: unordered deaths, and schedules that were not kept.
#include <gmock/gmock.h>

#include "harness/report/render/junit.h"
#include "harness/report/render/report.h"
#include "harness/report/render/terminal.h"
#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDeath =
    "worker w0003 (pid 4711) died at tick 12: killed by SIGSEGV; last line of its stderr: \"a | b\"";

Json with_death(Json made, const char* verdict, const std::vector<std::string>& reasons) {
  made["deaths"] = {{"count", 1}, {"text", kDeath}, {"first", Json::array()}};
  made["verdict"] = verdict;
  made["reasons"] = reasons;
  return made;
}

Json on_the_clock(const std::string& name, int ran, int missed, const Json& rates_known) {
  return cell(name, {{"strategy", name}, {"mode", "free"}}, "clean",
              {{"ticks_ran", ran}, {"ticks_missed", missed}, {"rates_known", rates_known}});
}

int count_of(const std::string& text, const std::string& part) {
  int count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(DeathsInAReportTest, StandInItsFirstLines) {
  const Json summary =
      summary_of({cell("c01", {{"strategy", "pool"}}, "clean"),
                  with_death(cell("c02", {{"strategy", "noop"}}, "clean"), "unknown", {kDeath})});
  const std::string first = report_markdown(summary, {});
  EXPECT_THAT(
      first.substr(0, first.find("\n## ")),
      AllOf(HasSubstr("- **Unordered death** in c02: worker w0003 (pid 4711) died at tick 12: killed by "
                      "SIGSEGV; last line of its stderr: \"a &#124; b\"."),
            Not(HasSubstr("in c01: worker"))));
  EXPECT_THAT(brief_markdown(summary), HasSubstr("**Unordered death** in c02"));
}

TEST(DeathsInAReportTest, ThousandsOfCellsAreFourLinesAndACount) {
  std::vector<Json> cells;
  for (const char* name : {"c01", "c02", "c03", "c04", "c05", "c06"})
    cells.push_back(with_death(cell(name, {{"strategy", name}}, "clean"), "unknown", {kDeath}));
  const std::string text = report_markdown(summary_of(cells), {});
  EXPECT_EQ(count_of(text, "**Unordered death** in"), 4);
  EXPECT_THAT(text, HasSubstr("**Unordered deaths** in 2 more cells"));
}

TEST(DeathsInAReportTest, ATerminalTellsEachInOneLine) {
  const Json settings = {{"strategy", "pool"}};
  const auto table = [&](const char* verdict, const std::vector<std::string>& reasons) {
    return summary_table(summary_of({with_death(cell("c01", settings, "clean"), verdict, reasons)}));
  };
  EXPECT_THAT(table("unknown", {kDeath}), HasSubstr(std::string("\nc01 unknown: ") + kDeath + "\n"));
  EXPECT_EQ(count_of(table("unknown", {kDeath}), "SIGSEGV"), 1);
  EXPECT_THAT(table("pass", {}), HasSubstr(std::string("\nc01: ") + kDeath + "\n")) << "allowed, and told";
  EXPECT_THAT(table("unknown", {"the control c02 did not pass (fail)", kDeath}),
              HasSubstr(std::string("\nc01: ") + kDeath + "\n"));
}

TEST(DeathsInAReportTest, JunitHasThemAsEvidence) {
  const Json run = {{"run", "r"}, {"scenarios", {{{"path", "quick.json"}, {"content", Json::object()}}}}};
  EXPECT_THAT(junit_xml(summary_of({with_death(cell("c01", Json::object(), "clean"), "pass", {})}), run),
              HasSubstr("deaths: worker w0003 (pid 4711) died at tick 12: killed by SIGSEGV"));
}

TEST(MissedSlotsTest, StandInTheAnswerAndWarnOnTheTerminal) {
  const std::string said =
      "Rates are not known: more than 5 % of the slots were missed in c02 (12 %) and c03 (50 %).";
  const Json summary = summary_of({on_the_clock("c01", 95, 5, 1), on_the_clock("c02", 88, 12, 0),
                                   on_the_clock("c03", 10, 10, 0), on_the_clock("c04", 0, 0, 0)});
  const std::string text = report_markdown(summary, {});
  const std::string answer = text.substr(text.find("**Answer."), text.find("**\n", text.find("**Answer.")));
  EXPECT_THAT(answer, HasSubstr(said));
  EXPECT_THAT(summary_table(summary), HasSubstr("\nwarning: " + said + "\n"));
}

TEST(MissedSlotsTest, WhereTheScheduleWasKeptNothingIsSaid) {
  const Json summary = summary_of({on_the_clock("c01", 95, 5, 1), on_the_clock("c02", 3, 0, nullptr)});
  EXPECT_THAT(report_markdown(summary, {}), Not(HasSubstr("Rates are not known")));
  EXPECT_THAT(summary_table(summary), Not(HasSubstr("warning")));
}

}  // namespace
}  // namespace walsoak::report
