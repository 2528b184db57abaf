#include "harness/model/vocabulary/order.h"

#include <gmock/gmock.h>

#include "harness/model/vocabulary/settings.h"
#include "harness/model/vocabulary/wal_reset.h"

namespace walsoak {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> words(const std::vector<OrderedAct>& acts) {
  std::vector<std::string> all;
  for (const OrderedAct& act : acts) all.push_back(act.actor + "/" + std::to_string(act.number));
  return all;
}

TEST(Order, NamesTheActsOfEachTick) {
  const auto ticks = order_of("triage,dispatch , outside-12; 2 x workers, dashboard-1, dispatcher-2");
  ASSERT_EQ(ticks.size(), 3u);
  EXPECT_THAT(words(ticks[0]), ElementsAre("triage/0", "dispatch/0", "outside/12"));
  EXPECT_THAT(words(ticks[1]), ElementsAre("workers/0", "dashboard/1", "dispatcher/2"));
  EXPECT_THAT(words(ticks[2]), ElementsAre("workers/0", "dashboard/1", "dispatcher/2"));
  EXPECT_TRUE(order_of("").empty());
}

TEST(Order, SaysWhatIsNone) {
  EXPECT_EQ(why_no_order(json("")), "");
  EXPECT_EQ(why_no_order(json("30 x triage, dispatch; probe, notifier, slash, workers")), "");
  EXPECT_THAT(why_no_order(json(3)), HasSubstr("acts between commas"));
  for (const char* wrong : {"dispach", "outside", "outside-0", "outside-01", "outside-x", "outside-",
                            "dispatcher-1", " x dispatch", "collect"}) {
    EXPECT_THAT(why_no_order(json(wrong)), HasSubstr("there is no act")) << wrong;
  }
  for (const char* wrong : {"0 x dispatch", "-1 x dispatch", "many x dispatch", "100001 x dispatch"}) {
    EXPECT_THAT(why_no_order(json(wrong)), HasSubstr("does not begin with a number of ticks")) << wrong;
  }
}

TEST(Order, HasNoEmptyTickOrPlace) {
  for (const char* wrong :
       {" ", ";", "dispatch;", "dispatch; ; probe", "dispatch,,probe", "dispatch,", "3 x", "3 x "}) {
    EXPECT_THAT(why_no_order(json(wrong)), HasSubstr("is empty")) << wrong;
  }
}

TEST(Order, IsBoundedAsAWhole) {
  EXPECT_EQ(why_no_order(json("50000 x triage, dispatch")), "");
  EXPECT_THAT(why_no_order(json("50000 x triage, dispatch; probe")), HasSubstr("more than 100000 acts"));
}

// sqlite.org/wal.html#walresetbug: 3.7.0 to 3.51.2, and 3.44.6 and 3.50.7 are mended.
TEST(WalReset, IsInTheVersionsThatSqliteNames) {
  for (const int with : {3007000, 3040001, 3044005, 3045000, 3046001, 3050006, 3051000, 3051002}) {
    EXPECT_TRUE(has_wal_reset_bug(with)) << with;
  }
  for (const int without : {3006023, 3044006, 3044010, 3050007, 3051003, 3053000, 4000000}) {
    EXPECT_FALSE(has_wal_reset_bug(without)) << without;
  }
}

TEST(WalReset, DecidesTheJournalModeWhereItIsAskedFor) {
  EXPECT_TRUE(wal_mode(JournalMode::wal, 3040001));
  EXPECT_FALSE(wal_mode(JournalMode::delete_, 3053000));
  EXPECT_FALSE(wal_mode(JournalMode::delete_where_vulnerable, 3051002));
  EXPECT_TRUE(wal_mode(JournalMode::delete_where_vulnerable, 3051003));
}

}  // namespace
}  // namespace walsoak
