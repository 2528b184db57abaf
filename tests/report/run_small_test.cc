// The fixture run-small end to end: streams to summary to report, held against approved files. After a change
// that is meant, WALSOAK_APPROVE=1 writes them anew and the difference is what there is to review.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "harness/evidence/record/run_files.h"
#include "harness/evidence/record/stream_reader.h"
#include "harness/judgement/verdict/summarise.h"
#include "harness/report/render/report.h"
#include "harness/report/render/terminal.h"
#include "harness/report/text/phrases.h"
#include "tests/report/approved.h"

namespace walsoak::report {
namespace {

namespace fs = std::filesystem;

const fs::path kRun = fs::path(WALSOAK_FIXTURES) / "run-small";

// The summary of a stored run, made anew from run.json and its streams.
Json summary_of_stored_run() {
  const Json run = record::read_run(kRun);
  std::vector<judgement::CellSummary> cells;
  for (const Json& cell : run["cells"]) {
    facts::CellFacts facts;
    record::read_stream(kRun / "cells" / (cell["cell"].get<std::string>() + ".jsonl"),
                        [&facts](const Json& line) { facts.accept(line); });
    cells.push_back(judgement::conclude(
        {cell["cell"], cell["settings"], cell["differs"], cell["control_of"], cell["state"]}, facts,
        Expectation::from_json(cell["expected"])));
  }
  Json summary = {{"schema_version", record::kSummaryVersion}};
  summary.update(judgement::summarise({run["walsoak"], run["run"], run["title"], run["question"],
                                       run["state"], run["command"].get<std::vector<std::string>>(),
                                       run["environment"], run["axes"].get<std::vector<std::string>>(), 1},
                                      cells));
  return summary;
}

void expect_approved(const std::string& content, const char* name) {
  tests::expect_approved(content, kRun / name);
}

TEST(RunSmallTest, TheSummaryIsTheApprovedOne) {
  expect_approved(summary_of_stored_run().dump(1) + "\n", "summary.json");
}

TEST(RunSmallTest, TheReportIsTheApprovedOne) {
  expect_approved(report_markdown(summary_of_stored_run(), {{"pictures/descriptors.png"}, {}, {}}),
                  "report.md");
}

TEST(RunSmallTest, TheTableIsTheApprovedOne) {
  expect_approved(summary_table(summary_of_stored_run()), "table.txt");
}

// What the fixture was built to show, whatever the files say.
TEST(RunSmallTest, SaysWhatWasBuiltIn) {
  const Json summary = summary_of_stored_run();
  EXPECT_EQ(summary["verdict"], "pass");
  EXPECT_EQ(summary["exit_code"], 0);
  const Json& lost = summary["cells"][2];
  EXPECT_EQ(lost["finding"], "data loss");
  EXPECT_EQ(lost["also"].dump(), R"(["wedged"])");
  EXPECT_EQ(lost["metrics"]["lost_commits"], 2);
  EXPECT_EQ(lost["metrics"]["lost_inside"], nullptr);
  EXPECT_EQ(lost["metrics"]["inside_error"], 522);
  EXPECT_EQ(summary["cells"][4]["metrics"]["kernel_wal_growth"], 4);
  EXPECT_EQ(summary["conditions"][0]["where"].dump(),
            R"([{"header_check":["raw"],"sqlite.worker":["3.40.1"]}])");
}

}  // namespace
}  // namespace walsoak::report
