// A threshold against a cell's metrics: kept, broken, and not to be told.
#include <gtest/gtest.h>

#include "harness/judgement/verdict/threshold.h"
#include "harness/judgement/verdict/verdict.h"

namespace walsoak::judgement {
namespace {

Threshold threshold(const char* text, bool abort_on_fail = false, double grace_s = 0) {
  nlohmann::ordered_json json = {{"threshold", text}};
  json["abort_on_fail"] = abort_on_fail;
  json["grace_s"] = grace_s;
  return Threshold::from_json(json);
}

Presence kept(const char* text, const Metrics& metrics) {
  return judge_threshold(threshold(text), metrics).kept;
}

TEST(ThresholdTest, IsKeptOrBroken) {
  const Metrics metrics = {{"lost_commits", 3}, {"wal_created", 7}, {"wal_unlinked", 7}};
  EXPECT_EQ(kept("lost_commits == 3", metrics), Presence::yes);
  EXPECT_EQ(kept("lost_commits<4", metrics), Presence::yes);
  EXPECT_EQ(kept("wal_created == wal_unlinked", metrics), Presence::yes);
  const ThresholdVerdict broken = judge_threshold(threshold("lost_commits == 0"), metrics);
  EXPECT_EQ(broken.kept, Presence::no);
  EXPECT_EQ(broken.reason, "threshold lost_commits == 0, seen 3");
  EXPECT_EQ(
      broken.to_json().dump(),
      R"({"threshold":"lost_commits == 0","verdict":"fail","seen":3,"reason":"threshold lost_commits == 0, seen 3"})");
}

TEST(ThresholdTest, WithoutAValueItIsUnknown) {
  const Metrics metrics = {
      {"lost_commits", std::nullopt}, {"wal_created", 7}, {"wal_unlinked", std::nullopt}};
  EXPECT_EQ(kept("lost_commits == 0", metrics), Presence::unknown);
  EXPECT_EQ(kept("wal_created == wal_unlinked", metrics), Presence::unknown);
  EXPECT_EQ(kept("tick_p99_us < 20000", metrics), Presence::unknown);
}

TEST(ThresholdTest, ASlopeFinerThanTheSeriesCouldShowIsUnknownButNeverPass) {
  Metrics metrics = {{"descriptors_net_slope_per_million_ticks", 0},
                     {"descriptors_net_min_detectable_slope_per_million_ticks", 900}};
  EXPECT_EQ(kept("descriptors_net_slope_per_million_ticks < 500", metrics), Presence::unknown);
  EXPECT_EQ(kept("descriptors_net_slope_per_million_ticks < 900", metrics), Presence::yes);
  metrics["descriptors_net_slope_per_million_ticks"] = 2000;
  EXPECT_EQ(kept("descriptors_net_slope_per_million_ticks < 500", metrics), Presence::no);
}

TEST(ThresholdTest, OnlyThoseThatAskForItEndACellAndNotInTheirGrace) {
  const Metrics metrics = {{"lost_commits", 1}};
  EXPECT_FALSE(broken_so_far({threshold("lost_commits == 0")}, metrics, 1e6));
  const std::vector<Threshold> ending = {threshold("lost_commits == 1", true),
                                         threshold("lost_commits == 0", true, 600)};
  EXPECT_FALSE(broken_so_far(ending, metrics, 599));
  ASSERT_TRUE(broken_so_far(ending, metrics, 600));
  EXPECT_EQ(broken_so_far(ending, metrics, 600)->threshold, "lost_commits == 0");
  EXPECT_FALSE(broken_so_far(ending, {{"lost_commits", std::nullopt}}, 600));
}

TEST(ThresholdTest, ABrokenOneFailsACellWhoseFindingIsAsExpected) {
  Expectation expectation;
  expectation.thresholds = {threshold("lost_commits == 0")};
  Finding finding;
  finding.name = kClean;
  EXPECT_EQ(judge(expectation, finding, {}, {{"lost_commits", 0}}, "").verdict, kPass);
  EXPECT_EQ(judge(expectation, finding, {}, {{"lost_commits", 2}}, "").verdict, kFail);
  EXPECT_EQ(judge(expectation, finding, {}, {{"lost_commits", std::nullopt}}, "").verdict, kUnknown);
  EXPECT_EQ(judge(expectation, finding, {}, {{"lost_commits", 2}}, "it was cut off").verdict, kUnknown);
}

TEST(ThresholdTest, SurvivesTheRecord) {
  Expectation expectation;
  expectation.thresholds = {threshold("lost_commits == 0"),
                            threshold("wal_created <= wal_unlinked", true, 60)};
  EXPECT_EQ(Expectation::from_json(expectation.to_json()).to_json(), expectation.to_json());
}

}  // namespace
}  // namespace walsoak::judgement
