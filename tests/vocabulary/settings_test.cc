// The table of settings, and what the typed values make of it.
#include "harness/model/vocabulary/settings.h"

#include <gmock/gmock.h>

namespace walsoak {
namespace {

using nlohmann::json;

Settings with(const json& changes) {
  json values = default_settings();
  values.update(changes);
  return Settings::from_json(values);
}

TEST(TicksIn, ADurationIsSoManyIntervalsRounded) {
  EXPECT_EQ(ticks_in(7200, 60), 120);
  EXPECT_EQ(ticks_in(28800, 60), 480);
  EXPECT_EQ(ticks_in(100, 60), 2) << "1.67";
  EXPECT_EQ(ticks_in(80, 60), 1) << "1.33";
  EXPECT_EQ(ticks_in(0.3, 0.1), 3) << "whatever binary fractions make of it";
}

TEST(TicksIn, ThereIsOneAtLeast) {
  EXPECT_EQ(ticks_in(1, 60), 1);
  EXPECT_EQ(ticks_in(0, 60), 1);
}

TEST(Settings, TicksDecideWhereThereIsNoDuration) {
  EXPECT_EQ(with({{"ticks", 7}}).ticks, 7);
  EXPECT_EQ(with({{"ticks", 7}, {"duration_s", 0}}).ticks, 7);
}

TEST(Settings, ADurationDecidesOverTicks) {
  EXPECT_EQ(with({{"ticks", 7}, {"duration_s", 600}}).ticks, 10);
  EXPECT_EQ(with({{"duration_s", 600}, {"tick_interval_s", 5}}).ticks, 120);
  EXPECT_EQ(with({{"duration_s", 600}, {"time_scale", 60}}).ticks, 10) << "both are of the boards' time";
}

TEST(Settings, DefaultsAreThoseOfTheField) {
  const Settings defaults = with(json::object());
  EXPECT_EQ(defaults.mode, Mode::lockstep);
  EXPECT_EQ(defaults.run_on, RunOn::executor);
  EXPECT_EQ(defaults.second_dispatcher, Switch::off);
  EXPECT_EQ(defaults.notifier_interval_s, 5);
  EXPECT_EQ(defaults.tick_interval_s, 60);
  EXPECT_EQ(defaults.pool_threads, 32);
  EXPECT_EQ(defaults.time_scale, 1);
  EXPECT_EQ(defaults.dashboards, 0);
  EXPECT_EQ(defaults.slash_interval_s, 0);
  EXPECT_EQ(defaults.sample_every, 1);
  EXPECT_EQ(defaults.sample_interval_s, 0);
}

TEST(Settings, WordsBecomeTheirValues) {
  const Settings settings = with({{"mode", "free"}, {"run_on", "loop"}, {"second_dispatcher", "on"}});
  EXPECT_EQ(settings.mode, Mode::free);
  EXPECT_EQ(settings.run_on, RunOn::loop);
  EXPECT_EQ(settings.second_dispatcher, Switch::on);
}

// What from_json says of a value that is none.
std::string refusal(const char* name, const json& value) {
  try {
    with({{name, value}});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "none";
}

TEST(Settings, ValuesOutOfTheirRangeAreRefusedByName) {
  EXPECT_EQ(refusal("time_scale", 0), "setting time_scale: valid: a number from 0.01 to 100000");
  EXPECT_EQ(refusal("dashboards", 17), "setting dashboards: valid: a whole number from 0 to 16");
  EXPECT_EQ(refusal("sample_every", 0), "setting sample_every: valid: a whole number from 1 to 1000000");
  EXPECT_EQ(refusal("duration_s", -1), "setting duration_s: valid: a number from 0 to 31536000");
  EXPECT_EQ(refusal("mode", "fast"), "setting mode: valid: lockstep, free");
  EXPECT_EQ(refusal("run_on", true), "setting run_on: valid: executor, loop");
  EXPECT_EQ(refusal("notifier_interval_s", 0),
            "setting notifier_interval_s: valid: a number from 0.001 to 86400");
  EXPECT_EQ(refusal("slash_interval_s", 0), "none") << "0 is none of them";
}

TEST(Settings, EveryOneIsTold) {
  json values = default_settings();
  values.erase("run_on");
  EXPECT_THROW(Settings::from_json(values), std::invalid_argument);
}

}  // namespace
}  // namespace walsoak
