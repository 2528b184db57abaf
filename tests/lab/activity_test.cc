// What ran beside the ticks between two samples: sums by job, and one entry an error however often it came.
#include "harness/lab/free/activity.h"

#include <gmock/gmock.h>

namespace walsoak::lab {
namespace {

using protocol::Message;

Message failed_on(const char* board, int code = 5) {
  return {{"board", board},
          {"ok", false},
          {"error", {{"code", code}, {"message", "said"}, {"where", "BEGIN"}, {"app", nullptr}}}};
}

Message polled(bool ok, std::int64_t latency_us, std::int64_t wait_us, Message boards = Message::array()) {
  Message step = {{"step", "notifier"}, {"ok", ok}, {"latency_us", latency_us}, {"wait_us", wait_us}};
  if (!boards.empty()) step["boards"] = std::move(boards);
  return {{"ok", ok}, {"late_us", 7}, {"missed", 0}, {"steps", Message::array({step})}};
}

TEST(Activity, WithoutAnyThereIsNone) {
  Activity activity;
  EXPECT_EQ(activity.take(), Message::object());
}

TEST(Activity, SumsCountsAndKeepsTheWorstOfEachJob) {
  Activity activity;
  Message late = polled(true, 300, 20);
  late["late_us"] = 90;
  late["missed"] = 3;
  for (const Message& tick : {polled(true, 100, 50), late, polled(false, 200, 10)})
    activity.add("notifier", tick);
  activity.add("slash", polled(true, 5, 6));
  EXPECT_EQ(activity.take().dump(),
            R"({"notifier":{"ran":3,"missed":3,"failed":1,"latency_max_us":300,"wait_max_us":50,)"
            R"("late_max_us":90,"errors":[]},)"
            R"("slash":{"ran":1,"missed":0,"failed":0,"latency_max_us":5,"wait_max_us":6,)"
            R"("late_max_us":7,"errors":[]}})");
  EXPECT_EQ(activity.take(), Message::object()) << "since the last call";
}

TEST(Activity, TheStepsOfASlotCountTogether) {
  Activity activity;
  Message tick = polled(true, 100, 5);
  tick["steps"].push_back({{"step", "probe"}, {"ok", true}, {"latency_us", 40}, {"wait_us", 9}});
  activity.add("dispatcher-2", tick);
  const Message sum = activity.take().at("dispatcher-2");
  EXPECT_EQ(sum.at("latency_max_us"), 140);
  EXPECT_EQ(sum.at("wait_max_us"), 9);
  EXPECT_EQ(sum.at("ran"), 1);
}

TEST(Activity, AWorkersVisitIsToldWithoutSteps) {
  Activity activity;
  activity.add(
      "visit",
      {{"op", "claim"}, {"ok", true}, {"latency_us", 70}, {"boards", {{{"board", "b01"}, {"ok", true}}}}});
  activity.add("visit",
               {{"op", "heartbeat"}, {"ok", false}, {"latency_us", 60}, {"boards", {failed_on("b01")}}});
  const Message sum = activity.take().at("visit");
  EXPECT_EQ(sum.at("ran"), 2);
  EXPECT_EQ(sum.at("failed"), 1);
  EXPECT_EQ(sum.at("latency_max_us"), 70);
  ASSERT_EQ(sum.at("errors").size(), 1u);
  EXPECT_EQ(sum.at("errors").at(0).at("boards").dump(), R"(["b01"])");
  EXPECT_EQ(sum.at("errors").at(0).at("count"), 1);
}

TEST(Activity, AnErrorIsOneEntryHoweverOftenItCame) {
  Activity activity;
  for (int i = 0; i < 1000; ++i) {
    activity.add("notifier", polled(false, 1, 1, {failed_on("b01"), failed_on("b02")}));
  }
  activity.add("notifier", polled(false, 1, 1, {failed_on("b03"), failed_on("b01", 14)}));
  const Message errors = activity.take().at("notifier").at("errors");
  ASSERT_EQ(errors.size(), 2u);
  const bool first_is_busy = errors.at(0).at("error").at("code") == 5;
  const Message& busy = errors.at(first_is_busy ? 0 : 1);
  const Message& other = errors.at(first_is_busy ? 1 : 0);
  EXPECT_EQ(busy.at("count"), 2001);
  EXPECT_EQ(busy.at("boards").dump(), R"(["b01","b02","b03"])");
  EXPECT_EQ(other.at("error").at("code"), 14);
  EXPECT_EQ(other.at("count"), 1);
  activity.add("notifier", polled(false, 1, 1, Message::array({failed_on("b01")})));
  EXPECT_EQ(activity.take().at("notifier").at("errors").at(0).at("count"), 1) << "from nothing again";
}

TEST(GroupedFailures, BoardsThatFailedInTheSameWayStandTogether) {
  const Message boards = {failed_on("b01"),
                          {{"board", "b02"}, {"ok", true}},
                          failed_on("b03", 14),
                          failed_on("b04"),
                          {{"board", "b05"}, {"ok", true}, {"looked", false}}};
  const Message groups = grouped_failures(boards);
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups.at(0).at("boards").dump(), R"(["b01","b04"])");
  EXPECT_EQ(groups.at(0).at("error").at("code"), 5);
  EXPECT_EQ(groups.at(1).at("boards").dump(), R"(["b03"])");
  EXPECT_TRUE(grouped_failures(Message::array()).empty());
}

}  // namespace
}  // namespace walsoak::lab
