// Reports of made-up summaries: what they say first, what they never give away, and how long they get.
#include "harness/report/render/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/answer/answer.h"
#include "harness/report/blocks/subjects.h"
#include "harness/report/render/terminal.h"
#include "harness/report/text/phrases.h"
#include "tests/os/sanitized.h"
#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Json condition(const Json& where, const Json& more = Json::object()) {
  Json result = {{"outcome", "data loss"},
                 {"kind", "finding"},
                 {"cells", {"c13", "c15"}},
                 {"of", 16},
                 {"exact", true},
                 {"where", where},
                 {"alternatives", Json::array()},
                 {"no_difference", Json::array()},
                 {"controls", Json::array()},
                 {"uncontrolled", Json::array()},
                 {"unknown", Json::array()},
                 {"unexplained", Json::array()}};
  result.update(more);
  return result;
}

std::string first_sentence(const Json& condition_json) {
  const Json control = cell("c05", {{"header_check", "off"}}, "churn", {{"lost_commits", 0}});
  return finding_sentences(summary_of({control}, Json::array({condition_json}))).front();
}

TEST(ReportTest, EmbedsTheScriptOfEachMechanismThatWasSeen) {
  Json seen = cell("c01", {{"strategy", "per-tick"}}, "data loss");
  seen["mechanisms"] = {{{"name", "lock lost"}, {"evidence", "e"}},
                        {{"name", "split generation"}, {"evidence", "e"}}};
  const std::string text = report_markdown(summary_of({seen, seen}), {});
  EXPECT_THAT(text, HasSubstr("`walsoak repro split-generation | python3 -I -`"));
  EXPECT_THAT(text, HasSubstr("```python\n\"\"\"split-generation: "));
  EXPECT_EQ(text.find("<summary>split-generation.py"), text.rfind("<summary>split-generation.py"))
      << "each once";
  EXPECT_THAT(report_markdown(summary_of({cell("c01", {{"strategy", "x"}}, "clean")})),
              Not(HasSubstr("repro")));
}

TEST(AnswerTest, NamesTheConditionsWhatDoesNotMatterAndTheControl) {
  const Json where = {
      {{"header_check", {"raw"}}, {"held_connection", {"on"}}, {"sqlite.worker", {"3.40.1", "3.49.2"}}}};
  const Json controls = {{{"with", "c13"},
                          {"without", "c05"},
                          {"differs", "header_check"},
                          {"with_value", "raw"},
                          {"without_value", "off"}}};
  EXPECT_EQ(first_sentence(condition(where, {{"no_difference", {"sqlite.subject"}}, {"controls", controls}})),
            "**Data loss** in 2 of 16 cells: exactly where header_check = raw, held_connection = on and "
            "sqlite.worker = "
            "3.40.1 or 3.49.2. sqlite.subject made no difference. Control: c05 differs from c13 in "
            "header_check alone "
            "(off instead of raw): churn, 0 commits lost.");
}

TEST(AnswerTest, AUnionIsPutInBrackets) {
  EXPECT_THAT(first_sentence(condition({{{"a", {1}}}, {{"b", {2}}, {"c", {3}}}})),
              HasSubstr("exactly where (a = 1) or (b = 2 and c = 3)."));
}

TEST(AnswerTest, WhatIsNotExactIsNotCalledExact) {
  const std::string text = first_sentence(
      condition({{{"a", {1}}}}, {{"exact", false}, {"unexplained", {"c15"}}, {"unknown", {"c16"}}}));
  EXPECT_THAT(text, HasSubstr("among others where a = 1."));
  EXPECT_THAT(text, HasSubstr("Not known for c16."));
  EXPECT_THAT(text, HasSubstr("c15 had it while a cell with the very same settings had not."));
}

TEST(AnswerTest, ConditionsWithoutControlAndAlternativesAreSaid) {
  const std::string text =
      first_sentence(condition({{{"a", {1}}}}, {{"uncontrolled", {"a"}}, {"alternatives", {{{"b", {1}}}}}}));
  EXPECT_THAT(text, HasSubstr("(these cells cannot tell that apart from: b = 1)"));
  EXPECT_THAT(text, HasSubstr("No pair of cells differs in a alone: that condition has no control here."));
}

TEST(AnswerTest, OutcomesOfTheSameCellsAreToldTogether) {
  const Json where = {{{"a", {1}}}};
  const Json conditions = {
      condition(where), condition(where, {{"outcome", "wedged"}}),
      condition(where, {{"outcome", "leak"}, {"cells", {"c13"}}, {"not_varied", {"b"}}})};
  const auto sentences = finding_sentences(summary_of({cell("c01", {{"a", 0}}, "data loss")}, conditions));
  EXPECT_THAT(sentences, ElementsAre("**Data loss and wedged** in 2 of 16 cells: exactly where a = 1.",
                                     "**Leak** in 1 of 16 cells: exactly where a = 1. Not varied under these "
                                     "conditions: b."));
}

TEST(AnswerTest, ALeaksControlSaysHowDescriptorsGrew) {
  const Json controls = {
      {{"with", "c13"}, {"without", "c05"}, {"differs", "a"}, {"with_value", 1}, {"without_value", 0}}};
  EXPECT_THAT(first_sentence(condition({{{"a", {1}}}}, {{"outcome", "leak"}, {"controls", controls}})),
              HasSubstr("(0 instead of 1): churn, main/wal/shm grew by ?/?/?."));
}

TEST(AnswerTest, EveryCellAndNoShortRule) {
  EXPECT_THAT(first_sentence(condition(Json::array({Json::object()}))),
              HasSubstr("in 2 of 16 cells: whatever was set."));
  const Json one = {{"a", {1}}};
  EXPECT_THAT(first_sentence(condition({one, one, one, one, one})),
              HasSubstr("no short rule covers them: c13 and c15."));
}

TEST(AnswerTest, WhereNothingIsWrongItSaysSo) {
  const auto sentences = finding_sentences(summary_of(
      {cell("c01", {{"strategy", "per-tick"}}, "churn"), cell("c02", {{"strategy", "noop"}}, "clean")}));
  EXPECT_THAT(sentences, ElementsAre("No cell lost data, was wedged or leaked descriptors.",
                                     "**Churn** in 1 of 2 cells: c01 (strategy = per-tick).",
                                     "**Clean** in 1 of 2 cells: c02 (strategy = noop)."));
}

TEST(AnswerTest, WhatIsUnknownIsNotTakenForFine) {
  const auto sentences = finding_sentences(summary_of({cell("c01", {{"strategy", "per-tick"}}, "unknown")}));
  EXPECT_EQ(sentences.front(), "No cell that could be told lost data, was wedged or leaked descriptors.");
  EXPECT_THAT(sentences.back(), HasSubstr("**Unknown** in 1 of 1 cells"));
}

TEST(AnswerTest, AnInterruptedRunSaysSo) {
  Json summary = summary_of({cell("c01", {{"strategy", "x"}}, "clean")});
  summary["state"] = "interrupted";
  EXPECT_EQ(verdict_sentence(summary),
            "Verdict: **pass** (1 pass). The run is interrupted: cells that are not done are unknown.");
}

TEST(AnswerTest, FaultsAreToldInWords) {
  const Json none = Json::array();
  const Json restored = Json::parse(R"([{"fault": "replace-board", "board": "b01", "at_tick": 8}])");
  const Json controls = {{{"with", "c02"}, {"without", "c05"}, {"differs", "faults"}}};
  Json where = Json::object();
  where["faults"] = Json::array();
  where["faults"].push_back(restored);
  Json one_of = Json::array();
  one_of.push_back(where);
  Json told = condition(one_of, {{"controls", controls}});
  told["controls"][0]["with_value"] = restored;
  told["controls"][0]["without_value"] = none;
  EXPECT_THAT(first_sentence(told),
              HasSubstr("exactly where faults = replace-board b01 @8. Control: c05 differs from "
                        "c02 in faults alone (none instead of replace-board b01 @8)"));
  Json summary =
      summary_of({cell("c01", {{"faults", none}}, "clean"), cell("c02", {{"faults", restored}}, "churn")});
  summary["axes"] = {"faults"};
  const std::string report = report_markdown(summary, {});
  EXPECT_THAT(report, HasSubstr("replace-board b01 @8"));
  EXPECT_THAT(report, Not(HasSubstr("at_tick")));
}

TEST(ReportTest, TheAnswerComesBeforeEverythingElse) {
  const std::string text = report_markdown(
      summary_of({cell("c01", {{"strategy", "x"}}, "clean"), cell("c02", {{"strategy", "y"}}, "churn")}));
  EXPECT_THAT(text,
              ::testing::StartsWith("# T\n\n**Question.** Q?\n\n**Answer. No cell lost data, was wedged or "
                                    "leaked descriptors: churn in 1 of 2 cells and clean in 1.**\n"));
  EXPECT_LT(text.find("Verdict:"), text.find("## Cells"));
}

TEST(ReportTest, WhatIsLookedUpUnfoldsAndWhatIsReadDoesNot) {
  Json one = cell("c01", {{"strategy", "x"}}, "wedged");
  one["reasons"] = {"r1", "r2", "r3", "r4", "r5"};
  one["verdict"] = "fail";
  one["evidence"] = {"b01: the last 4 of 9 passes failed"};
  Json other = one;
  other["cell"] = "c02";
  const std::string text = report_markdown(summary_of({one, other}));
  const std::size_t raw = text.find("## Raw data");
  ASSERT_NE(raw, std::string::npos);
  EXPECT_LT(text.find("fail, r1"), text.find("## Cells")) << "the first reasons stand by the verdict";
  EXPECT_GT(text.find("fail, r5"), raw);
  EXPECT_THAT(
      text,
      HasSubstr("<details><summary>Evidence of every cell</summary>\n\n- c01 and c02: b01: the last 4"));
  EXPECT_LT(text.find("## What this does not show"), raw);
  EXPECT_EQ(text.find("<details>"), text.find("<details>", raw))
      << "nothing is folded away before the raw data";
}

TEST(ReportTest, SaysNothingOfHostUserAndHome) {
  Json summary = summary_of({cell("c01", {{"module", "/home/alice/mine.py:connect"}}, "clean")});
  summary["environment"] = {{"hostname", "alice-laptop"},
                            {"user", "alice"},
                            {"home", "/home/alice"},
                            {"kernel", "Linux alice-laptop 6.1"}};
  summary["command"] = {"/home/alice/walsoak", "run", "--out", "/home/alice/my runs"};
  const std::string text = report_markdown(summary, {});
  EXPECT_THAT(text, Not(HasSubstr("alice")));
  EXPECT_THAT(text, HasSubstr("Linux HOST 6.1"));
  EXPECT_THAT(text, HasSubstr("\nwalsoak run\n"));
}

TEST(ReportTest, SaysNothingOfFoldersOutsideTheHome) {
  Json one = cell("c01", {{"module", "/srv/acme-corp/mine.py:connect"}}, "clean");
  one["errors"] = {{{"code", 14},
                    {"message", "unable to open /var/lib/acme/b01/kanban.db-wal"},
                    {"where", "open"},
                    {"app", nullptr},
                    {"step", "dispatch"},
                    {"actor", "subject"},
                    {"count", 3}}};
  one["evidence"] = {"/opt/acme_1/x (copy) and /mnt/acme/y"};
  Json summary = summary_of({one});
  summary["axes"] = {"module"};
  summary["command"] = {"/srv/acme-corp/build/walsoak",
                        "run",
                        "/srv/acme-corp/scenarios/quick.json",
                        "--out",
                        "/data/acme/run",
                        "--set",
                        "module=/srv/acme-corp/mine.py:connect"};
  const std::string text = report_markdown(summary, {{}, {{"s", "of /mnt/acme/titles"}}, {}});
  EXPECT_THAT(text, Not(HasSubstr("acme")));
  EXPECT_THAT(text, HasSubstr("\nwalsoak run scenarios/quick.json --set module=PATH/mine.py:connect\n"));
  EXPECT_THAT(text, HasSubstr("| c01 | PATH/mine.py:connect |"));
  EXPECT_THAT(text, HasSubstr("unable to open PATH/kanban.db-wal"));
  const std::string whole = report_markdown(summary, {}, Names::shown);
  EXPECT_THAT(whole, HasSubstr("/srv/acme-corp/mine.py:connect"));
  EXPECT_THAT(whole, HasSubstr("\nwalsoak run scenarios/quick.json --set module=/srv/"));
}

TEST(ReportTest, ADatabaseOfTheUsersHasOneNameAllOver) {
  Json summary = summary_of({cell("c01", {{"board_template", "/srv/secret/acme.db"}}, "clean"),
                             cell("c02", {{"board_template", "/srv/secret/acme.db-copy"}}, "clean")});
  summary["axes"] = {"board_template"};
  summary["command"] = {
      "walsoak", "run", "s.json", "--board-template", "../secret/acme.db", "--set=board_template=x/acme.db"};
  const std::string text = report_markdown(summary, {});
  EXPECT_THAT(text, Not(HasSubstr("acme")));
  EXPECT_THAT(text, HasSubstr("| c01 | db1 |"));
  EXPECT_THAT(text, HasSubstr("| c02 | db2 |"));
  EXPECT_THAT(text, HasSubstr("--board-template db3 --set=board_template=db4"));
  EXPECT_THAT(report_markdown(summary, {}, Names::shown), HasSubstr("| c01 | /srv/secret/acme.db |"));
}

TEST(ReportTest, OfAForeignCommandOnlyItsNameIsTold) {
  Json summary = summary_of({cell("c01", {{"exec_command", "node gateway.mjs --token=1234"}}, "clean")});
  summary["axes"] = {"exec_command"};
  summary["command"] = {"walsoak", "run", "s.json", "--set", "exec_command=node gateway.mjs --token=1234"};
  const std::string text = report_markdown(summary, {});
  EXPECT_THAT(text, Not(HasSubstr("1234")));
  EXPECT_THAT(text, HasSubstr("--set 'exec_command=node ...'"));
  EXPECT_THAT(report_markdown(summary, {}, Names::shown), HasSubstr("--token=1234"));
}

TEST(ReportTest, OfTheCommandLineThatWasLookedForNothingIsTold) {
  Json summary = summary_of({cell("c01", {{"strategy", "x"}}, "clean")});
  for (const Json& words : {Json{"--name", "gateway --token=1234"}, Json{"--name=gateway --token=1234"}}) {
    summary["command"] = {"walsoak", "watch", "--for", "1h"};
    for (const Json& word : words) summary["command"].push_back(word);
    EXPECT_THAT(report_markdown(summary, {}), Not(HasSubstr("1234")));
    EXPECT_THAT(report_markdown(summary, {}), HasSubstr("PATTERN"));
    EXPECT_THAT(report_markdown(summary, {}, Names::shown), HasSubstr("1234"));
  }
}

TEST(ReportTest, PicturesAreLinkedAsGiven) {
  const std::string text = report_markdown(summary_of({cell("c01", {{"strategy", "x"}}, "clean")}),
                                           {{"pictures/rows_over-time.png"}, {}, {}});
  EXPECT_THAT(text, HasSubstr("![rows over time](pictures/rows_over-time.png)"));
  EXPECT_THAT(report_markdown(summary_of({})), Not(HasSubstr("## Pictures")));
}

// Text of any length, and with characters of several bytes at its end.
std::string endless(std::size_t length) {
  std::string text(length, 'x');
  for (int i = 0; i < 300; ++i) text += "\u00e4";
  return text;
}

Json cell_of_a_long_run(int number) {
  Json one = cell(fmt::format("c{:04}", number), {{"strategy", "per-tick"}, {"boards", number}}, "data loss");
  one["reasons"] = {endless(3000)};
  one["verdict"] = "fail";
  one["evidence"] = {fmt::format("{} {}", number, endless(5000))};
  for (const char* name : {"lock lost", "split generation", "stale checkpoint", "unclosed connection",
                           "zombie connection", "parked descriptors", "deferred collection", "sidecar churn",
                           "connection per thread", "checkpoint starvation", "replaced board"}) {
    one["mechanisms"].push_back(
        {{"name", name}, {"evidence", fmt::format("{} of {}", endless(900), number)}});
  }
  one["errors"] = {{{"code", 522},
                    {"message", endless(4000)},
                    {"where", "open"},
                    {"app", nullptr},
                    {"step", "dispatch"},
                    {"actor", "subject"},
                    {"count", 3}}};
  return one;
}

// A sanitizer makes half a minute of the whole run, and finds as much in a fifth of it.
constexpr int kLongRun = tests::kSanitized ? 100 : 500;

TEST(ReportTest, ALongRunIsCutToOnePost) {
  std::vector<Json> cells;
  for (int i = 0; i < kLongRun; ++i) cells.push_back(cell_of_a_long_run(i));
  Json summary = summary_of(cells, Json::array({condition({{{"boards", {1}}}}, {{"outcome", "data loss"}})}));
  summary["title"] = endless(5000);
  summary["question"] = endless(20000);
  summary["command"] = {"walsoak", "run", endless(30000)};
  const std::string text = report_markdown(summary);
  EXPECT_LE(text.size(), kLongestReport);
  EXPECT_THAT(text, HasSubstr(fmt::format("| {} |", kLongRun))) << "what all cells have in common is told";
  EXPECT_THAT(text, HasSubstr(" more, in `summary.json`"));
  EXPECT_THAT(text, HasSubstr("## Repeat it"));
  EXPECT_THAT(text, HasSubstr("<summary>Words</summary>")) << "to the end";
  EXPECT_THAT(text, HasSubstr(".py</summary>")) << "one script at least";
  // Half a character would not be UTF-8.
  EXPECT_NO_THROW(Json(text).dump());
}

TEST(ReportTest, APageHasAllRowsAndPictures) {
  std::vector<Json> cells;
  for (int i = 0; i < (tests::kSanitized ? 40 : 100); ++i) cells.push_back(cell_of_a_long_run(i));
  Sources sources;
  for (int i = 0; i < 7; ++i) sources.pictures.push_back(fmt::format("pictures/p{}.png", i));
  const std::string page = report_markdown(summary_of(cells), sources, Names::redacted, 10'000'000);
  EXPECT_GT(page.size(), kLongestReport);
  EXPECT_THAT(page, Not(HasSubstr("in `summary.json`")));
  EXPECT_THAT(page, HasSubstr("![p6](pictures/p6.png)"));
  const std::string post = report_markdown(summary_of(cells), sources);
  EXPECT_LE(post.size(), kLongestReport);
  EXPECT_THAT(post, HasSubstr("- [p6](pictures/p6.png)"));
}

TEST(ReportTest, ASmallRunIsNotCut) {
  const std::string text = report_markdown(summary_of({cell_of_a_long_run(1), cell_of_a_long_run(2)}));
  EXPECT_LE(text.size(), kLongestReport);
  EXPECT_THAT(text, HasSubstr("split-generation.py</summary>"));
  EXPECT_THAT(text, Not(HasSubstr("stand in `summary.json`")));
}

TEST(ReportTest, WhatStandsInASummaryCannotBreakATable) {
  Json one = cell("c01", {{"module", "a|b.py"}}, "clean");
  EXPECT_THAT(report_markdown(summary_of({one}), {}), HasSubstr("| c01 | a&#124;b.py | clean |"));
}

TEST(SubjectsTest, PairsThatDifferInTheSubjectAloneAreCompared) {
  const auto one = [](const char* name, const char* subject, const char* strategy, int lost) {
    return cell(
        name, {{"subject", subject}, {"strategy", strategy}}, "churn",
        {{"lost_commits", lost}, {"kernel_main_last", 1}, {"kernel_wal_last", 1}, {"kernel_shm_last", 1}});
  };
  const std::string text =
      subjects_section(summary_of({one("c01", "cpp", "per-tick", 0), one("c02", "python", "per-tick", 0),
                                   one("c03", "cpp", "unclosed", 0), one("c04", "python", "unclosed", 3)}),
                       50);
  EXPECT_THAT(text, HasSubstr("1 of 2 pairs"));
  EXPECT_THAT(text, HasSubstr("- c03 (cpp) and c04 (python): lost_commits 0 and 3\n"));
  EXPECT_EQ(subjects_section(summary_of({one("c01", "cpp", "per-tick", 0)}), 50), "");
}

TEST(TerminalTest, ColumnsAreAligned) {
  Json control = cell("c02", {{"strategy", "planted-leak"}}, "leak",
                      {{"kernel_main_net_growth", 12}, {"kernel_wal_growth", 12}});
  control["control_of"] = "c01";
  const std::string text = summary_table(
      summary_of({cell("c01", {{"strategy", "per-tick"}}, "churn", {{"lost_commits", 0}}), control}));
  EXPECT_THAT(text, ::testing::StartsWith(
                        "cell  strategy      finding  verdict  lost  last closes  main/wal/shm  peak fds  "
                        "p50 us  mechanisms\n"
                        "c01   per-tick      churn    pass     0     ?            ?/?/?         ?         "
                        "?       -\n"
                        "c02*  planted-leak  leak     pass     ?     ?            +12/+12/?     ?         "
                        "?       -\n\n"));
  EXPECT_THAT(text, Not(HasSubstr("**")));
}

}  // namespace
}  // namespace walsoak::report
