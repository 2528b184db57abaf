// Repeats of a cell as one row.
#include "harness/report/blocks/repeats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/report/render/terminal.h"

namespace walsoak::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

Json repeat_of(const char* name, const char* point, const char* finding, const Json& metrics,
               const char* verdict, const char* mode = "lockstep") {
  return {{"cell", name},       {"settings", {{"strategy", "per-tick"}, {"mode", mode}}},
          {"point", point},     {"differs", {{"strategy", "per-tick"}}},
          {"state", "done"},    {"control_of", nullptr},
          {"finding", finding}, {"also", Json::array()},
          {"evidence", {name}}, {"mechanisms", Json::array()},
          {"verdict", verdict}, {"reasons", verdict == std::string("pass") ? Json::array() : Json{name}},
          {"metrics", metrics}, {"errors", Json::array()}};
}

Json repeated_run(const std::vector<Json>& cells) {
  Json order = Json::array();
  for (const Json& cell : cells) order.push_back(cell["cell"]);
  return {{"state", "done"},
          {"verdict", "pass"},
          {"conditions", Json::array()},
          {"cells", cells},
          {"repeats", {{"seed", 1}, {"order", order}}}};
}

TEST(RepeatsTest, AreOneRowWithMediansAndHowManyAgree) {
  const Json summary =
      folded(repeated_run({repeat_of("c01", "c01", "churn", {{"m", 5}, {"n", 1}}, "pass"),
                           repeat_of("c01r2", "c01", "churn", {{"m", 9}, {"n", nullptr}}, "pass"),
                           repeat_of("c01r3", "c01", "churn", {{"m", 7}, {"n", 1}}, "pass")}));
  ASSERT_EQ(summary["cells"].size(), 1U);
  const Json& cell = summary["cells"][0];
  EXPECT_EQ(cell["cell"], "c01");
  EXPECT_EQ(cell["finding"], "churn");
  EXPECT_EQ(finding_text(cell), "3 of 3 churn");
  EXPECT_EQ(cell["metrics"]["m"], 7);
  EXPECT_TRUE(cell["metrics"]["n"].is_null());
  EXPECT_EQ(times_text(summary), "3 times");
}

TEST(RepeatsTest, ThatDisagreeShowTheWorstAndAreSaid) {
  const Json summary = repeated_run({repeat_of("c01", "c01", "clean", {{"m", 1}}, "pass"),
                                     repeat_of("c01r2", "c01", "leak", {{"m", 2}}, "fail")});
  const Json one = folded(summary)["cells"][0];
  EXPECT_EQ(one["finding"], "leak");
  EXPECT_EQ(finding_text(one), "1 of 2 leak, 1 of 2 clean");
  EXPECT_EQ(one["verdict"], "fail");
  EXPECT_EQ(one["reasons"].dump(), R"(["c01r2"])");
  EXPECT_EQ(one["evidence"].dump(), R"(["c01r2"])");
  EXPECT_THAT(
      disagreements(summary),
      ElementsAre("The 2 repeats of c01 did not find the same: leak in c01r2; clean in c01. In lockstep they "
                  "should: something besides the steps' order decides it."));
  EXPECT_THAT(summary_table(summary), HasSubstr("did not find the same"));
}

TEST(RepeatsTest, OfAFreeRunningCellMayDisagree) {
  const Json summary = repeated_run({repeat_of("c01", "c01", "clean", {}, "pass", "free"),
                                     repeat_of("c01r2", "c01", "churn", {}, "pass", "free")});
  ASSERT_EQ(disagreements(summary).size(), 1U);
  EXPECT_THAT(disagreements(summary).front(), Not(HasSubstr("lockstep")));
}

TEST(RepeatsTest, ARunWithoutThemStaysAsItIs) {
  Json summary = repeated_run({repeat_of("c01", "c01", "clean", {{"m", 1}}, "pass")});
  summary.erase("repeats");
  summary["cells"][0].erase("point");
  EXPECT_EQ(folded(summary), summary);
  EXPECT_EQ(times_text(summary), "once");
  EXPECT_TRUE(disagreements(summary).empty());
}

}  // namespace
}  // namespace walsoak::report
