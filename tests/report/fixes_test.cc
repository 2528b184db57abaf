// The table of fixes: one row a fix and scope, and in it one figure a condition where they differ.
#include "harness/report/answer/fixes.h"

#include <gmock/gmock.h>

#include "harness/report/render/terminal.h"
#include "tests/report/made_up.h"

namespace walsoak::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Json fixed_cell(const char* fix, const char* scope, int workers, const char* finding, const Json& more) {
  Json made = cell("c", {{"fix", fix}, {"scope", scope}, {"workers", workers}}, finding,
                   {{"lost_commits", 0}, {"integrity_failed", 0}, {"dispatch_max_us", 7400}});
  if (more.is_object()) made.merge_patch(more);
  return made;
}

Json error_of(const Json& code, const Json& app, int count) {
  return {{"code", code},   {"app", app},   {"count", count},
          {"message", "m"}, {"where", "w"}, {"step", "dispatch"}};
}

Json run_of(const std::vector<Json>& cells) {
  Json summary = summary_of(cells);
  summary["axes"] = {"fix", "scope", "workers"};
  return summary;
}

TEST(FixTable, HasARowForEachFixAndScope) {
  const FixTable table = fix_table(run_of({
      fixed_cell("pool", "dispatcher", 1, "wedged", {}),
      fixed_cell("pool", "process", 1, "clean", {}),
      fixed_cell("pool", "dispatcher", 3, "data loss",
                 {{"also", {"leak"}}, {"metrics", {{"lost_commits", 182}}}}),
      fixed_cell("pool", "process", 3, "clean", {}),
  }));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0], ElementsAre("pool", "dispatcher", "wedged / data loss", "0 / 182", "yes / no",
                                         "no / yes", "none", "ok", "?/?/?", "?", "7", "?"));
  EXPECT_THAT(table.rows[1],
              ElementsAre("pool", "process", "clean", "0", "no", "no", "none", "ok", "?/?/?", "?", "7", "?"));
  EXPECT_EQ(table.conditions, "workers = 1 / workers = 3");
}

TEST(FixTable, SumsErrorsByExtendedCode) {
  const Json errors = {error_of(522, nullptr, 40), error_of(522, nullptr, 2), error_of(nullptr, "EMFILE", 3)};
  const FixTable table =
      fix_table(run_of({fixed_cell("pool", "process", 1, "wedged", {{"errors", errors}})}));
  EXPECT_EQ(table.rows.at(0).at(6), "522 x 42, EMFILE x 3");
}

TEST(FixTable, SaysWhatItDoesNotKnow) {
  const Json nothing = {
      {"metrics", {{"lost_commits", nullptr}, {"integrity_failed", nullptr}, {"dispatch_max_us", nullptr}}}};
  const FixTable table = fix_table(run_of({fixed_cell("pool", "process", 1, "unknown", nothing)}));
  EXPECT_THAT(table.rows.at(0),
              ElementsAre("pool", "process", "unknown", "?", "?", "?", "none", "?", "?/?/?", "?", "?", "?"));
}

TEST(FixTable, CountsBoardsThatAreNotSound) {
  const FixTable table = fix_table(
      run_of({fixed_cell("pool", "process", 1, "data loss", {{"metrics", {{"integrity_failed", 2}}}})}));
  EXPECT_EQ(table.rows.at(0).at(7), "2 not");
}

TEST(FixAnswer, SaysScopeByScopeWhichCureAndWhichLoseData) {
  EXPECT_EQ(fixes_answer(run_of({
                fixed_cell("pool", "dispatcher", 1, "wedged", {{"also", {"data loss"}}}),
                fixed_cell("close", "dispatcher", 1, "churn", {}),
                fixed_cell("pool", "process", 1, "clean", {}),
                fixed_cell("close", "process", 1, "churn", {}),
            })),
            "In scope dispatcher: clean or churn under every condition with 1 of 2 fixes (close); data loss "
            "with 1 of 2 "
            "fixes (pool). In scope process: clean or churn under every condition with 2 of 2 fixes; data "
            "loss with 0 of "
            "2 fixes.");
}

TEST(FixAnswer, WhatWasNotKnownOnceCuresNothing) {
  EXPECT_EQ(fixes_answer(run_of({fixed_cell("pool", "process", 1, "clean", {}),
                                 fixed_cell("pool", "process", 2, "unknown", {})})),
            "Clean or churn under every condition with 0 of 1 fixes; data loss with 0 of 1 fixes.");
}

TEST(FixTable, IsOnlyForRunsOfFixes) {
  const Json run = run_of({fixed_cell("none", "process", 1, "clean", {{"differs", {{"fix", nullptr}}}})});
  EXPECT_TRUE(fix_table(run).rows.empty());
  EXPECT_EQ(fixes_section(run, 10), "");
  EXPECT_EQ(fixes_answer(run), "");
  EXPECT_THAT(summary_table(run), HasSubstr("peak fds"));
}

TEST(FixTable, StandsInReportAndTerminalInPlaceOfTheCells) {
  const Json run = run_of({fixed_cell("pool", "process", 1, "clean", {})});
  EXPECT_THAT(fixes_section(run, 10), HasSubstr("| pool | process | clean |"));
  EXPECT_THAT(summary_table(run), HasSubstr("longest pass (ms)"));
  EXPECT_THAT(summary_table(run), Not(HasSubstr("peak fds")));
}

}  // namespace
}  // namespace walsoak::report
