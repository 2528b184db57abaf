#include "harness/judgement/review/stored_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "harness/base/os/run_folder.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::review {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

// A stored run of five cells that the test may damage.
class StoredRunTest : public testing::Test {
 protected:
  StoredRunTest() { fs::copy(WALSOAK_FIXTURES "/run-small", run_, fs::copy_options::recursive); }

  fs::path stream(const std::string& cell) const { return run_ / "cells" / (cell + ".jsonl"); }

  Judged judged_by(const std::string& text) const {
    const scenario::Judgements judgements(folder_.write("gate.json", text), {});
    return judge_again(run_, &judgements);
  }

  tests::TemporaryFolder folder_;
  const fs::path run_ = folder_.path() / "run";
};

TEST_F(StoredRunTest, NeedsNoSummary) {
  const Judged whole = judge_again(run_, nullptr);
  EXPECT_THAT(whole.remarks, IsEmpty());
  EXPECT_EQ(whole.summary["schema_version"], 1);
  std::ofstream(run_ / "summary.json") << "{\"schema_version\": 1, \"wals";
  const Judged again = judge_again(run_, nullptr);
  EXPECT_EQ(again.summary["cells"], whole.summary["cells"]);
  EXPECT_EQ(again.summary["axes"], whole.summary["axes"]);
  EXPECT_THAT(again.remarks, ElementsAre(HasSubstr("summary.json: expected a JSON object, found a file that "
                                                   "is damaged at byte 28 of 27; make it anew from the "
                                                   "streams: walsoak check ")));
  fs::remove(run_ / "summary.json");
  EXPECT_EQ(judge_again(run_, nullptr).summary["cells"], whole.summary["cells"]);
}

TEST_F(StoredRunTest, ATruncatedStreamIsNamedWithItsPlace) {
  fs::resize_file(stream("c01"), 100);  // within the header
  fs::resize_file(stream("c02"), fs::file_size(stream("c02")) - 5);
  fs::resize_file(stream("c03"), 0);
  const ordered_json cells = judge_again(run_, nullptr).summary["cells"];
  EXPECT_EQ(
      cells[0]["reasons"][0],
      "the stream is cut off in line 1, at byte 100: the cell was interrupted, or the file was truncated");
  EXPECT_THAT(cells[1]["reasons"][0].get<std::string>(), HasSubstr("the stream is cut off in line "));
  EXPECT_THAT(cells[1]["reasons"][0].get<std::string>(), HasSubstr(", at byte "));
  EXPECT_EQ(cells[2]["reasons"][0], "the stream is empty");
}

TEST_F(StoredRunTest, SaysWhereAnotherFileJudgesOtherwise) {
  const Judged other = judged_by(R"({"schema_version": 1, "expect": [{"when": {}, "finding": "leak"}]})");
  EXPECT_THAT(other.remarks, ElementsAre(HasSubstr("5 of 5 cells are judged by ")));
  EXPECT_THAT(
      [&] {
        judged_by(
            R"({"schema_version": 1, "thresholds": [{"threshold": "lost_commits == 0", "when": {"boards": 999}}]})");
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("says nothing of any cell of this run")));
}

TEST_F(StoredRunTest, RefusesAScenarioOfOtherCells) {
  EXPECT_THAT([&] { judged_by(R"({"schema_version": 1, "settings": {"boards": 999}, "expect": "any"})"); },
              ThrowsMessage<scenario::ScenarioError>(HasSubstr("the cells are not those of the run")));
}

}  // namespace
}  // namespace walsoak::review
