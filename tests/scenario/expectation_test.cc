#include "harness/model/scenario/expectation.h"

#include <gmock/gmock.h>

#include "tests/scenario/scenario_files.h"

namespace walsoak::scenario {
namespace {

using testing::ElementsAre;

class Expect : public ScenarioFiles {
 protected:
  // The expectation of the first cell under an entry with these members.
  Expectation entry(const std::string& members) const {
    return *load("\"expect\": [{\"when\": {}, " + members + "}]").cells[0].expected;
  }
  std::string entry_error(const std::string& members) const {
    return error_of("\"expect\": [{\"when\": {}, " + members + "}]");
  }
  std::string metric_error(const std::string& metric) const {
    return entry_error("\"finding\": \"any\", \"metrics\": {" + metric + "}");
  }
};

TEST_F(Expect, IsCleanOrChurnByDefault) {
  const Scenario scenario = load("");
  EXPECT_FALSE(scenario.has_expectations);
  EXPECT_FALSE(scenario.expect_any);
  EXPECT_THAT(scenario.cells[0].expected->findings, ElementsAre("clean", "churn"));
}

TEST_F(Expect, OfAComparisonIsNothing) {
  const Scenario scenario = load(R"("expect": "any")");
  EXPECT_FALSE(scenario.has_expectations);
  EXPECT_TRUE(scenario.expect_any);
  EXPECT_FALSE(scenario.cells[0].expected.has_value());
}

TEST_F(Expect, TakesTheLastMatch) {
  const Scenario scenario =
      load(R"("matrix": {"strategy": ["per-tick", "unclosed", "noop"], "boards": [1, 2]}, "expect": [
      {"when": {}, "finding": "churn"},
      {"when": {"strategy": "unclosed"}, "finding": "leak"},
      {"when": {"strategy": "unclosed", "boards": 2}, "finding": "bounded growth"},
      {"when": {"strategy": "noop"}, "finding": "clean"}])");
  EXPECT_TRUE(scenario.has_expectations);
  std::vector<std::string> findings;
  for (const Cell& cell : scenario.cells) findings.push_back(cell.expected->findings.at(0));
  EXPECT_THAT(findings, ElementsAre("churn", "churn", "leak", "bounded growth", "clean", "clean"));
}

TEST_F(Expect, MatchesTheShorthandRoleByRole) {
  const Scenario scenario = load(R"("matrix": {"sqlite.subject": ["3.40.1", "system"]}, "expect": [
      {"when": {}, "finding": "churn"},
      {"when": {"sqlite": {"subject": "3.40.1"}}, "finding": "leak"},
      {"when": {"sqlite": "system"}, "finding": "clean"}])");
  EXPECT_THAT(scenario.cells[0].expected->findings, ElementsAre("leak"));
  EXPECT_THAT(scenario.cells[1].expected->findings, ElementsAre("clean"));
}

TEST_F(Expect, ReadsFindings) {
  EXPECT_THAT(entry(R"("finding": "data loss")").findings, ElementsAre("data loss"));
  EXPECT_THAT(entry(R"("finding": ["leak", "unknown"])").findings, ElementsAre("leak", "unknown"));
  EXPECT_THAT(entry(R"("finding": "any")").findings, ElementsAre());
}

TEST_F(Expect, ReadsMechanisms) {
  const Expectation read = entry(
      R"("finding": "any", "mechanisms": ["lock lost", "sidecar churn"], "not_mechanisms": ["stale checkpoint"])");
  EXPECT_THAT(read.mechanisms, ElementsAre("lock lost", "sidecar churn"));
  EXPECT_THAT(read.not_mechanisms, ElementsAre("stale checkpoint"));
}

TEST_F(Expect, ReadsMetrics) {
  const Expectation read = entry(
      R"("finding": "any", "metrics": {"steps": 12, "passes": "!= 0", "acknowledged": "<=2.5", "wal_created": ">= -1e3",
                                    "shm_created": "< 4", "parked_last": ">  5", "wal_unlinked": "== wal_created"})");
  std::vector<std::string> texts;
  for (const auto& [metric, condition] : read.metrics) texts.push_back(metric + " " + condition.text());
  EXPECT_THAT(texts, ElementsAre("steps == 12", "passes != 0", "acknowledged <= 2.5", "wal_created >= -1000",
                                 "shm_created < 4", "parked_last > 5", "wal_unlinked == wal_created"));
}

TEST_F(Expect, IsWrittenInOneForm) {
  const std::string members =
      R"("finding":["leak","wedged"],"mechanisms":["lock lost"],"not_mechanisms":["replaced board"],"metrics":{"steps":">=3","passes":1})";
  EXPECT_EQ(
      entry(members).to_json().dump(),
      R"({"finding":["leak","wedged"],"mechanisms":["lock lost"],"not_mechanisms":["replaced board"],"metrics":{"steps":">= 3","passes":"== 1"}})");
  EXPECT_EQ(entry(R"("finding":"any")").to_json().dump(), R"({"finding":"any","metrics":{}})");
  EXPECT_EQ(entry(R"("finding":"churn")").to_json().dump(), R"({"finding":"churn","metrics":{}})");
  EXPECT_EQ(entry(members).text(),
            "leak or wedged; with lock lost; without replaced board; steps >= 3; passes == 1");
  EXPECT_EQ(entry(R"("finding":"any")").text(), "any");
}

TEST_F(Expect, RefusesUnknownWords) {
  EXPECT_EQ(entry_error(R"("finding": "leek")"),
            "s.json: /expect/0/finding: unknown finding \"leek\"; did you mean \"leak\"? "
            "valid: data loss, wedged, failing, leak, bounded growth, unknown, churn, clean, any");
  EXPECT_EQ(entry_error(R"("finding": ["leak", "any"])"),
            "s.json: /expect/0/finding/1: unknown finding \"any\"; "
            "valid: data loss, wedged, failing, leak, bounded growth, unknown, churn, clean");
  EXPECT_EQ(entry_error(R"("finding": "any", "mechanisms": ["lock list"])"),
            "s.json: /expect/0/mechanisms/0: unknown mechanism \"lock list\"; did you mean \"lock lost\"? "
            "valid: unclosed connection, deferred collection, zombie connection, parked descriptors, "
            "connection per thread, lock lost, split generation, stale checkpoint, checkpoint starvation, "
            "descriptor exhaustion, replaced board, sidecar churn");
  EXPECT_EQ(entry_error(R"("finding": "any", "metric": {})"),
            "s.json: /expect/0/metric: unknown key \"metric\"; did you mean \"metrics\"? "
            "valid: when, finding, mechanisms, not_mechanisms, metrics");
}

TEST_F(Expect, RefusesWrongTypes) {
  EXPECT_EQ(error_of(R"("expect": "all")"),
            "s.json: /expect: \"all\" is no expectation; valid: \"any\", or a list such as "
            "[{\"when\": {}, \"finding\": \"clean\"}]");
  EXPECT_EQ(error_of(R"("expect": "leak")"),
            "s.json: /expect: \"leak\" is no expectation; valid: \"any\", or a list such as "
            "[{\"when\": {}, \"finding\": \"leak\"}]");
  EXPECT_EQ(error_of(R"("expect": ["churn"])"),
            "s.json: /expect/0: \"churn\" is no expectation; valid: an object such as "
            "{\"when\": {}, \"finding\": \"churn\"}");
  EXPECT_EQ(entry_error(R"("finding": 3)"),
            "s.json: /expect/0/finding: 3 is of the wrong type; valid: a string");
  EXPECT_EQ(entry_error(R"("finding": [])"),
            "s.json: /expect/0/finding: has no findings; valid: a list of one finding or more, or \"any\"");
  EXPECT_EQ(entry_error(R"("finding": "any", "not_mechanisms": "lock lost")"),
            "s.json: /expect/0/not_mechanisms: \"lock lost\" is of the wrong type; valid: a list");
}

TEST_F(Expect, RefusesAnEntryThatIsNotComplete) {
  EXPECT_EQ(error_of(R"("expect": [{"finding": "churn"}])"),
            "s.json: /expect/0/when: missing; valid: an object of settings, {} for every cell");
  EXPECT_EQ(error_of(R"("expect": [{"when": {}}])"),
            "s.json: /expect/0/finding: missing; valid: a finding, a list of them or \"any\"");
}

TEST_F(Expect, RefusesWhatIsNoComparison) {
  const std::string valid =
      " is no expectation of a metric; valid: a number, or ==, !=, <, <=, > or >= and then a number or "
      "another metric's name";
  EXPECT_EQ(metric_error(R"("steps": "= 3")"), "s.json: /expect/0/metrics/steps: \"= 3\"" + valid);
  for (const char* wrong :
       {"true", "null", "[1]", "\"3\"", "\"passes\"", "\">=\"", "\"== 3x\"", "\"== -inf\"", "\"== B\""}) {
    EXPECT_EQ(metric_error("\"steps\": " + std::string(wrong)),
              "s.json: /expect/0/metrics/steps: " + std::string(wrong) + valid);
  }
}

TEST_F(Expect, ChecksMetricNamesByForm) {
  EXPECT_EQ(metric_error(R"("Lost": 0)"),
            "s.json: /expect/0/metrics/Lost: \"Lost\" is no metric's name; "
            "valid: a lower-case letter, then lower-case letters, digits and _");
}

TEST_F(Expect, ChecksMetricNamesAgainstThoseThatAreKnown) {
  EXPECT_EQ(
      metric_error(R"("lost_commit": 0)"),
      "s.json: /expect/0/metrics/lost_commit: unknown metric \"lost_commit\"; did you mean \"lost_commits\"? "
      "valid: what walsoak list metrics shows");
  EXPECT_EQ(metric_error(R"("lost_commits": "== wal_makings")"),
            "s.json: /expect/0/metrics/lost_commits: unknown metric \"wal_makings\"; valid: what "
            "walsoak list metrics shows");
  EXPECT_EQ(metric_error(R"("lost_commits": "== wal_unlinked")"), "no error");
}

TEST_F(Expect, RefusesAListThatLeavesACellUnmatched) {
  EXPECT_EQ(error_of(R"("matrix": {"boards": [1, 2], "strategy": ["per-tick", "noop"]},
                        "expect": [{"when": {"strategy": "per-tick"}, "finding": "churn"}])"),
            "s.json: /expect: no entry matches cell c02 with strategy \"noop\", boards 1; "
            "valid: a list that matches every cell, as an entry with \"when\": {} at its head does");
  EXPECT_EQ(error_of(R"("expect": [])"),
            "s.json: /expect: no entry matches cell c01; "
            "valid: a list that matches every cell, as an entry with \"when\": {} at its head does");
}

TEST_F(Expect, RefusesAControlThatNobodyExpects) {
  EXPECT_EQ(error_of(R"("settings": {"header_check": "raw"}, "control": {"header_check": "off"},
                        "expect": [{"when": {"header_check": "raw"}, "finding": "churn"}])"),
            "s.json: /expect: no entry matches cell c02 with header_check \"off\"; "
            "valid: a list that matches every cell, as an entry with \"when\": {} at its head does");
}

TEST_F(Expect, RefusesAConditionThatNoCellMeets) {
  const std::string head =
      R"("matrix": [{"boards": [1], "workers": [1]}, {"boards": [2], "workers": [2]}], "expect": [
      {"when": {}, "finding": "churn"}, {"when": )";
  EXPECT_EQ(error_of(head + R"({"boards": 3}, "finding": "leak"}])"),
            "s.json: /expect/1/when/boards: no cell has boards 3; valid: 1, 2");
  EXPECT_EQ(error_of(head + R"({"boards": 1, "workers": 2}, "finding": "leak"}])"),
            "s.json: /expect/1/when: no cell has these values together; valid: values that one cell has");
}

TEST_F(Expect, ChecksConditionsAsSettings) {
  EXPECT_EQ(error_of(R"("expect": [{"when": {"strategy": "per-tock"}, "finding": "churn"}])"),
            "s.json: /expect/0/when/strategy: unknown strategy \"per-tock\"; did you mean \"per-tick\"? "
            "valid: what walsoak list strategies shows");
}

}  // namespace
}  // namespace walsoak::scenario
