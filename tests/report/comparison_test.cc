// A comparison as text and as Markdown.
#include "harness/report/answer/comparison.h"
#include "harness/report/text/phrases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace walsoak::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Json row(const char* metric, const Json& baseline, const Json& other, const Json& difference,
         const char* result) {
  return {{"metric", metric},         {"better", "lower"}, {"baseline", baseline}, {"other", other},
          {"difference", difference}, {"low", nullptr},    {"high", nullptr},      {"exact", true},
          {"repeats", {1, 1}},        {"gates", true},     {"result", result},     {"reason", ""}};
}

Json comparison_of(const Json& rows) {
  const auto words = [](const char* from, const char* to, const char* result) {
    return Json{
        {"baseline", Json::array({from})}, {"other", Json::array({to})}, {"result", result}, {"reason", ""}};
  };
  const Json pair{{"baseline", Json::array({"c01"})},
                  {"other", Json::array({"c02"})},
                  {"differs", {{"strategy", "a|b"}}},
                  {"finding", words("clean", "leak", "worse")},
                  {"verdict", words("pass", "pass", "same")},
                  {"metrics", rows},
                  {"not_compared", nullptr}};
  const Json comparison{
      {"baseline", "A"},
      {"other", "B"},
      {"values", nullptr},
      {"experiment_differs", Json::array({"setting board_template (/srv/a.db | /srv/b.db)"})},
      {"machine_differs", Json::array()},
      {"settings_unknown_to_one", Json::array()},
      {"only_baseline", Json::array()},
      {"only_other", Json::array()},
      {"pairs", Json::array({pair})}};
  const Json run{
      {"label", "A"}, {"run", "before"}, {"walsoak", "0.1.0"}, {"commit", "abc"}, {"state", "done"}};
  return {{"schema_version", 1},
          {"by", nullptr},
          {"tolerance", 0.1},
          {"confidence", 0.99},
          {"runs", Json::array({run})},
          {"comparisons", Json::array({comparison})},
          {"better", 1},
          {"worse", 2},
          {"same", 1},
          {"cannot_tell", 0},
          {"not_gated", 0},
          {"result", "worse"},
          {"exit_code", 1}};
}

TEST(ComparisonReportTest, FindingsLeadThenWhatIsWorse) {
  const std::string text =
      comparison_text(comparison_of({row("better_one", 4, 2, -2, "better"), row("same_one", 1, 1, 0, "same"),
                                     row("worse_one", 0, 12, 12, "worse")}));
  EXPECT_LT(text.find("clean -> leak"), text.find("worse_one"));
  EXPECT_LT(text.find("worse_one"), text.find("better_one"));
  EXPECT_THAT(text, Not(HasSubstr("same_one")));
  EXPECT_THAT(text, HasSubstr("0 -> 12"));
  EXPECT_THAT(text, HasSubstr("-2 (-50 %)"));
  EXPECT_THAT(text, HasSubstr("Result: worse\n"));
}

TEST(ComparisonReportTest, ABaselineOfZeroHasNoShare) {
  const std::string text = comparison_text(comparison_of(Json::array({row("m", 0, 12, 12, "worse")})));
  EXPECT_THAT(text, HasSubstr("+12\n"));
  EXPECT_THAT(text, Not(HasSubstr("inf")));
}

TEST(ComparisonReportTest, AnIntervalStandsBesideTheDifference) {
  Json timed = row("dispatch_p50_us", 800, 950, 150.5, "worse");
  timed["low"] = 100.0;
  timed["high"] = 201.0;
  EXPECT_THAT(comparison_text(comparison_of(Json::array({timed}))),
              HasSubstr("+150.5 (+18.8 %) [+100 to +201]"));
}

TEST(ComparisonReportTest, RowsThatAreTooManyAreCounted) {
  Json rows = Json::array();
  for (int i = 0; i < 30; ++i) rows.push_back(row("m", 0, 1, 1, "worse"));
  EXPECT_THAT(comparison_text(comparison_of(rows), 10), HasSubstr("21 more rows; --json has all\n"));
  EXPECT_THAT(comparison_markdown(comparison_of(rows), 10), HasSubstr("21 more rows; --json has all\n"));
}

TEST(ComparisonReportTest, MarkdownCannotBeBrokenOutOf) {
  const std::string text = comparison_markdown(comparison_of(Json::array()));
  EXPECT_THAT(text, HasSubstr("| worse | c01/c02 (strategy = a&#124;b) | finding | clean | leak |"));
}

TEST(ComparisonReportTest, PrivateNamesAreTakenOut) {
  const auto summary = [](const char* database) {
    return Json{{"environment", {{"hostname", "h"}, {"user", "u"}, {"home", "/home/u"}}},
                {"cells", Json::array({Json{{"settings", {{"board_template", database}}}}})}};
  };
  const std::string text = comparison_text(
      redacted_comparison(comparison_of(Json::array()), {summary("/srv/a.db"), summary("/srv/b.db")}));
  EXPECT_THAT(text, HasSubstr("setting board_template (db1 | db2)"));
  EXPECT_THAT(text, Not(HasSubstr("/srv")));
}

}  // namespace
}  // namespace walsoak::report
