// What the processes of a free-running cell are told to do, from the settings.
#include "harness/lab/free/free_jobs.h"

#include <gmock/gmock.h>

namespace walsoak::lab {
namespace {

using protocol::Message;

Settings free_settings(const nlohmann::json& changes) {
  nlohmann::json values = default_settings();
  values["mode"] = "free";
  if (!changes.empty()) values.update(changes);
  return Settings::from_json(values);
}

TEST(FreeJobs, TheGatewayTicksAndPollsAtTheIntervalsOfTheField) {
  EXPECT_EQ(
      gateway_jobs(free_settings({{"ticks", 480}})).dump(),
      R"([{"job":"tick","steps":["triage","dispatch","probe"],"interval_us":60000000,"slots":480,"collect_every":1},)"
      R"({"job":"notifier","steps":["notifier"],"interval_us":5000000,"slots":null}])");
}

TEST(FreeJobs, TheScaleDividesEverySchedule) {
  const Settings scaled = free_settings({{"time_scale", 60}, {"slash_interval_s", 30}});
  const Message jobs = gateway_jobs(scaled);
  ASSERT_EQ(jobs.size(), 3u);
  EXPECT_EQ(jobs.at(0).at("interval_us"), 1000000);
  EXPECT_EQ(jobs.at(1).at("interval_us"), 83333);
  EXPECT_EQ(jobs.at(2).at("interval_us"), 500000);
  EXPECT_EQ(jobs_of_role("dashboard", scaled).at(0).at("interval_us"), 83333);
  EXPECT_EQ(jobs_of_role("dispatcher", scaled).at(0).at("interval_us"), 1000000);
}

TEST(FreeJobs, NoIntervalIsNothing) {
  EXPECT_EQ(real_us(0.001, free_settings({{"time_scale", 100000}})), 1);
  EXPECT_EQ(real_us(2, free_settings({{"time_scale", 0.5}})), 4000000) << "slower than real";
}

TEST(FreeJobs, ADurationSaysHowManyTicks) {
  EXPECT_EQ(gateway_jobs(free_settings({{"duration_s", 7200}})).at(0).at("slots"), 120);
}

TEST(FreeJobs, SettingsDecideWhatThereIs) {
  const Message jobs =
      gateway_jobs(free_settings({{"auto_decompose", "off"}, {"notifier", 0}, {"collector", "never"}}));
  ASSERT_EQ(jobs.size(), 1u);
  EXPECT_EQ(jobs.at(0).at("steps").dump(), R"(["dispatch","probe"])");
  EXPECT_FALSE(jobs.at(0).contains("collect_every"));
  const Message more =
      gateway_jobs(free_settings({{"notifier", 2}, {"slash_interval_s", 10}, {"collector_every", 7}}));
  EXPECT_EQ(more.at(0).at("collect_every"), 7);
  EXPECT_EQ(more.at(1).at("steps").dump(), R"(["notifier","notifier"])");
  EXPECT_EQ(more.at(2).dump(), R"({"job":"slash","steps":["slash"],"interval_us":10000000,"slots":null})");
}

TEST(FreeJobs, OtherProcessesHaveJobsOfTheirOwnWithoutEnd) {
  const Settings settings = free_settings({{"dashboard_interval_s", 2}, {"collector_every", 3}});
  EXPECT_EQ(jobs_of_role("dashboard", settings).dump(),
            R"([{"job":"dashboard","steps":["dashboard"],"interval_us":2000000,"slots":null}])");
  EXPECT_EQ(jobs_of_role("outside", settings).dump(),
            R"([{"job":"outside","steps":["outside-act"],"interval_us":20000000,"slots":null}])");
  EXPECT_EQ(
      jobs_of_role("dispatcher", settings).dump(),
      R"([{"job":"dispatcher-2","steps":["dispatch","probe"],"interval_us":60000000,"slots":null,"collect_every":3}])");
}

}  // namespace
}  // namespace walsoak::lab
