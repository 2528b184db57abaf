// JUnit XML: what is a failure, what an error, and that no text can spoil the document.
#include "harness/report/render/junit.h"

#include <gmock/gmock.h>

#include "harness/report/text/xml.h"
#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const Json kQuickRun = {{"run", "r"},
                        {"scenarios", {{{"path", "/x/quick.json"}, {"content", Json::object()}}}}};

Json with_verdict(Json made, const char* verdict, const std::vector<std::string>& reasons) {
  made["verdict"] = verdict;
  made["reasons"] = reasons;
  return made;
}

TEST(XmlTest, LineBreaksOfAnAttributeSurviveItsReader) {
  EXPECT_EQ(xml_element("a", {{"b", "1\n<2>"}}), "<a b=\"1&#10;&lt;2&gt;\"/>\n");
  EXPECT_EQ(xml_text_element("a", {}, "1\n<2>"), "<a>1\n&lt;2&gt;</a>\n");
}

TEST(JunitTest, FailIsAFailureAndUnknownAnErrorAndNothingIsSkipped) {
  const Json base = cell("c01", {{"strategy", "pool"}}, "leak");
  const std::string text = junit_xml(summary_of({base, with_verdict(base, "fail", {"seen leak", "second"}),
                                                 with_verdict(base, "unknown", {"too short"})}),
                                     kQuickRun);
  EXPECT_THAT(
      text, StartsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"walsoak\" tests=\"3\" "
                       "failures=\"1\" errors=\"1\" skipped=\"0\" time=\"0.000\">"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"seen leak\" type=\"fail\">seen leak\nsecond\n</failure>"));
  EXPECT_THAT(text, HasSubstr("<error message=\"too short\" type=\"unknown\">"));
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"quick\" name=\"strategy = pool\""));
  EXPECT_THAT(text, Not(HasSubstr("<skipped")));
}

TEST(JunitTest, EveryThresholdIsACase) {
  Json made =
      with_verdict(cell("c01", Json::object(), "clean"), "fail", {"threshold lost_commits == 0, seen 2"});
  made["elapsed_us"] = 1234567;
  made["thresholds"] = {{{"threshold", "lost_commits == 0"},
                         {"verdict", "fail"},
                         {"seen", 2},
                         {"reason", "threshold lost_commits == 0, seen 2"}},
                        {{"threshold", "steps > 3"}, {"verdict", "pass"}, {"seen", 9}, {"reason", ""}},
                        {{"threshold", "lost_inside < 1"},
                         {"verdict", "unknown"},
                         {"seen", nullptr},
                         {"reason", "it is not known"}}};
  const std::string text = junit_xml(summary_of({made}), kQuickRun);
  EXPECT_THAT(text, HasSubstr("tests=\"4\" failures=\"2\" errors=\"1\" skipped=\"0\" time=\"1.235\""));
  EXPECT_THAT(text, HasSubstr("name=\"quick\" time=\"1.235\""));
  EXPECT_THAT(text,
              HasSubstr("name=\"quick: steps &gt; 3\" time=\"0.000\">\n<system-out>seen: 9\n</system-out>"));
  EXPECT_THAT(
      text,
      HasSubstr("name=\"quick: lost_inside &lt; 1\" time=\"0.000\">\n<error message=\"it is not known\""));
}

TEST(JunitTest, CommitSeedAndSqliteAreProperties) {
  Json made = cell("c01", {{"seed", 7}, {"sqlite.worker", "3.40.1"}}, "clean");
  made["sqlite"] = {{"subject", "3.54.1"}};
  Json summary = summary_of({made});
  summary["environment"] = {{"commit", "0c1cbe1"}, {"sqlite", {{"3.54.1", {{"source_id", "2026"}}}}}};
  const std::string text = junit_xml(summary, kQuickRun);
  for (const char* property :
       {"name=\"commit\" value=\"0c1cbe1\"", "name=\"seed\" value=\"7\"",
        "name=\"sqlite.subject\" value=\"3.54.1\"", "name=\"sqlite.worker\" value=\"3.40.1\"",
        "name=\"sqlite 3.54.1\" value=\"2026\"", "name=\"cell\" value=\"c01\""}) {
    EXPECT_THAT(text, HasSubstr(std::string("<property ") + property + "/>"));
  }
}

TEST(JunitTest, SeveralScenariosAreSuites) {
  const Json run = {{"scenarios",
                     {{{"path", "quick.json"}, {"content", {{"name", "quick"}}}},
                      {{"path", "x.json"}, {"content", {{"name", "other"}}}}}}};
  const std::string text = junit_xml(
      summary_of({cell("quick.c01", Json::object(), "clean"), cell("other.c01", Json::object(), "clean"),
                  cell("other.c02", Json::object(), "clean")}),
      run);
  EXPECT_THAT(text, AllOf(HasSubstr("<testsuite name=\"quick\" tests=\"1\""),
                          HasSubstr("<testsuite name=\"other\" tests=\"2\"")));
  EXPECT_THAT(text, HasSubstr("classname=\"other\" name=\"other\""));
}

std::vector<std::string> case_names(const std::vector<Json>& cells) {
  const std::string text = junit_xml(summary_of(cells), kQuickRun);
  const std::string before = "<testcase classname=\"quick\" name=\"";
  std::vector<std::string> names;
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at)) {
    at += before.size();
    names.push_back(text.substr(at, text.find('"', at) - at));
  }
  return names;
}

Json repeat(Json made, int number) {
  made["point"] = "c01";
  made["repeat"] = number;
  return made;
}

TEST(JunitTest, ACaseKeepsItsNameWhenTheMatrixGrows) {
  const Json wanted = {{"strategy", "pool"}, {"workers", 2}};
  const auto before = case_names(
      {cell("c01", {{"strategy", "noop"}, {"workers", 2}}, "clean"), cell("c02", wanted, "clean")});
  const auto after = case_names({cell("c01", {{"strategy", "noop"}, {"workers", 2}}, "clean"),
                                 cell("c02", {{"strategy", "per-tick"}, {"workers", 2}}, "clean"),
                                 cell("c03", wanted, "clean")});
  EXPECT_EQ(before.back(), "strategy = pool, workers = 2");
  EXPECT_EQ(after.back(), before.back());
  EXPECT_THAT(after, testing::Each(Not(HasSubstr("c0"))));
}

TEST(JunitTest, RepeatsAndCellsOfEqualSettingsHaveNamesOfTheirOwn) {
  const Json once = cell("c01", {{"strategy", "pool"}}, "clean");
  EXPECT_THAT(
      case_names({repeat(once, 1), repeat(once, 2), repeat(once, 3)}),
      testing::ElementsAre("strategy = pool", "strategy = pool, repeat 2", "strategy = pool, repeat 3"));
  EXPECT_THAT(case_names({once, once, once}),
              testing::ElementsAre("strategy = pool", "strategy = pool (2)", "strategy = pool (3)"));
  const Json alone = cell("c01", Json::object(), "clean");
  EXPECT_THAT(case_names({repeat(alone, 1), repeat(alone, 2)}),
              testing::ElementsAre("quick", "quick, repeat 2"));
}

TEST(JunitTest, EvidenceStandsInTheOutputAndNamesAreTakenOut) {
  Json made = cell("c01", Json::object(), "data loss");
  made["evidence"] = {"/home/winifred/kanban.db lost 2"};
  made["mechanisms"] = {{{"name", "lock lost"}, {"evidence", "at tick 3"}}};
  Json summary = summary_of({made});
  summary["environment"] = {{"user", "winifred"}, {"home", "/home/winifred"}};
  EXPECT_THAT(
      junit_xml(summary, kQuickRun),
      HasSubstr("<system-out>finding: data loss\n~/kanban.db lost 2\nlock lost: at tick 3\n</system-out>"));
}

}  // namespace
}  // namespace walsoak::report
