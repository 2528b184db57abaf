// What limits the answer of a report: schedules that were not kept.
#include <gmock/gmock.h>

#include "harness/report/report.h"
#include "harness/report/terminal.h"
#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Json on_the_clock(const std::string& name, int ran, int missed, const Json& rates_known) {
  return cell(name, {{"strategy", name}, {"mode", "free"}}, "clean",
              {{"ticks_ran", ran}, {"ticks_missed", missed}, {"rates_known", rates_known}});
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
