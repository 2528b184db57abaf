// The conductor: the same steps for the same seed, in an order that keeps the gateway's own.
#include "harness/lab/lockstep/conductor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "harness/boards/board/visits.h"

namespace walsoak::lab {
namespace {

using nlohmann::json;
using testing::ElementsAre;

using Workers = std::vector<std::string>;

Settings settings_with(const json& changes) {
  json values = default_settings();
  if (!changes.empty()) values.update(changes);
  return Settings::from_json(values);
}

// A step as one word: "dispatch@7", "visit@3:w0001/claim!2".
std::string word(const Act& act, bool with_kill = true) {
  std::string text = act.step + "@" + std::to_string(act.thread);
  if (!act.writer.empty()) text += ":" + act.writer + "/" + act.op;
  if (with_kill && act.kill_at != 0) text += "!" + std::to_string(act.kill_at);
  return text;
}

std::vector<std::vector<Act>> ticks(const json& changes, const Workers& workers, std::int64_t count) {
  Conductor conductor(settings_with(changes));
  std::vector<std::vector<Act>> all;
  for (std::int64_t tick = 0; tick < count; ++tick) all.push_back(conductor.tick(tick, workers));
  return all;
}

Workers words(const std::vector<std::vector<Act>>& ticks, bool with_kill = true) {
  Workers all;
  for (const auto& tick : ticks) {
    for (const Act& act : tick) all.push_back(word(act, with_kill));
    all.push_back("|");
  }
  return all;
}

std::vector<std::string> steps(const std::vector<Act>& acts) {
  std::vector<std::string> names;
  for (const Act& act : acts) names.push_back(act.step);
  return names;
}

std::ptrdiff_t position(const std::vector<Act>& acts, const std::string& step) {
  return std::find_if(acts.begin(), acts.end(), [&](const Act& act) { return act.step == step; }) -
         acts.begin();
}

TEST(Conductor, TheSameSeedOrdersTheSameSteps) {
  const json changes = {{"notifier", 3}, {"worker_kill_rate", 0.3}, {"worker_visits", 9}};
  const Workers workers = {"w0001", "w0002", "w0003"};
  EXPECT_EQ(words(ticks(changes, workers, 50)), words(ticks(changes, workers, 50)));
}

TEST(Conductor, AnotherSeedOrdersOthers) {
  EXPECT_NE(words(ticks({{"seed", 1}}, {"w0001"}, 20)), words(ticks({{"seed", 2}}, {"w0001"}, 20)));
}

TEST(Conductor, TheGatewaysOwnStepsKeepTheirOrder) {
  for (const auto& acts : ticks({{"notifier", 2}}, {"w0001", "w0002"}, 200)) {
    EXPECT_LT(position(acts, "triage"), position(acts, "dispatch"));
    EXPECT_LT(position(acts, "dispatch"), position(acts, "probe"));
    EXPECT_EQ(acts.back().step, "collect");
    EXPECT_EQ(acts.size(), 8u);
  }
}

TEST(Conductor, TheOthersFallAnywhereAmongThem) {
  std::set<std::ptrdiff_t> notifier, visit;
  for (const auto& acts : ticks({}, {"w0001"}, 200)) {
    notifier.insert(position(acts, "notifier"));
    visit.insert(position(acts, "visit"));
  }
  EXPECT_THAT(notifier, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(visit, ElementsAre(0, 1, 2, 3, 4));
}

TEST(Conductor, EachWorkerAliveVisitsOnceATickFromClaimToComplete) {
  Conductor conductor(settings_with({{"worker_visits", 4}}));
  std::vector<std::string> first, second;
  for (std::int64_t tick = 0; tick < 4; ++tick) {
    // The second comes a tick later.
    const Workers alive = tick == 0 ? Workers{"w0001"} : Workers{"w0001", "w0002"};
    const auto acts = conductor.tick(tick, alive);
    EXPECT_EQ(std::count_if(acts.begin(), acts.end(), [](const Act& act) { return act.step == "visit"; }),
              static_cast<std::ptrdiff_t>(alive.size()));
    for (const Act& act : acts) {
      if (act.writer == "w0001") first.push_back(act.op);
      if (act.writer == "w0002") second.push_back(act.op);
    }
  }
  EXPECT_THAT(first, ElementsAre("claim", "heartbeat", "heartbeat", "complete"));
  EXPECT_THAT(second, ElementsAre("claim", "heartbeat", "heartbeat"));
}

TEST(Conductor, SettingsDecideWhatThereIs) {
  EXPECT_THAT(steps(ticks({{"auto_decompose", "off"}, {"notifier", 0}, {"collector", "never"}}, {}, 1)[0]),
              ElementsAre("dispatch", "probe"));
  EXPECT_THAT(steps(ticks({{"notifier", 0}, {"collector", "auto"}}, {}, 1)[0]),
              ElementsAre("triage", "dispatch", "probe"));
}

TEST(Conductor, ACollectionComesEveryNthTickAndLast) {
  const auto all = ticks({{"collector_every", 3}}, {"w0001"}, 9);
  std::vector<std::size_t> with;
  for (std::size_t tick = 0; tick < all.size(); ++tick) {
    const std::vector<std::string> names = steps(all[tick]);
    if (std::count(names.begin(), names.end(), "collect") == 0) continue;
    with.push_back(tick);
    EXPECT_EQ(names.back(), "collect");
  }
  EXPECT_THAT(with, ElementsAre(2, 5, 8));
}

TEST(Conductor, ThreadsAreOfThePool) {
  std::set<std::int64_t> threads;
  for (const auto& acts : ticks({{"pool_threads", 3}}, {"w0001"}, 60)) {
    for (const Act& act : acts) threads.insert(act.thread);
  }
  EXPECT_THAT(threads, ElementsAre(0, 1, 2));
}

TEST(Conductor, WithoutARateNobodyIsKilledAndWithAFullOneEverybody) {
  for (const auto& acts : ticks({{"worker_visits", 1000}}, {"w0001"}, 50)) {
    for (const Act& act : acts) EXPECT_EQ(act.kill_at, 0);
  }
  std::set<int> statements;
  for (const auto& acts : ticks({{"worker_visits", 1000}, {"worker_kill_rate", 1}}, {"w0001"}, 100)) {
    for (const Act& act : acts) {
      if (act.step == "visit") {
        statements.insert(act.kill_at);
      } else {
        EXPECT_EQ(act.kill_at, 0);
      }
    }
  }
  EXPECT_THAT(statements, ElementsAre(1, 2, 3, 4, 5));
}

TEST(Conductor, ARateOfKillsLeavesAllOtherDrawsAsTheyWere) {
  const Workers workers = {"w0001", "w0002"};
  const auto with_rate = [&](double rate) {
    return ticks({{"worker_kill_rate", rate}, {"worker_visits", 1000}}, workers, 100);
  };
  const auto none = with_rate(0), some = with_rate(0.4), all = with_rate(1);
  EXPECT_EQ(words(some, false), words(none, false));
  EXPECT_EQ(words(all, false), words(none, false));
  int killed = 0;
  for (std::size_t tick = 0; tick < some.size(); ++tick) {
    for (std::size_t i = 0; i < some[tick].size(); ++i) {
      if (some[tick][i].kill_at == 0) continue;
      ++killed;
      EXPECT_EQ(some[tick][i].kill_at, all[tick][i].kill_at) << "the same statement at any rate";
    }
  }
  EXPECT_GT(killed, 50);
  EXPECT_LT(killed, 110);
}

std::ptrdiff_t count_of(const std::vector<Act>& acts, const std::string& step, const std::string& process) {
  return std::count_if(acts.begin(), acts.end(),
                       [&](const Act& act) { return act.step == step && act.process == process; });
}

TEST(Conductor, SlashCommandsFallIntoTheTickOfTheirTime) {
  const auto slots = [](double interval_s) {
    std::vector<std::vector<std::int64_t>> by_tick;
    for (const auto& acts : ticks({{"slash_interval_s", interval_s}, {"tick_interval_s", 60}}, {}, 4)) {
      by_tick.emplace_back();
      for (const Act& act : acts) {
        if (act.step == "slash") by_tick.back().push_back(act.slot);
      }
      std::sort(by_tick.back().begin(), by_tick.back().end());
    }
    return by_tick;
  };
  EXPECT_THAT(slots(30),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4, 5), ElementsAre(6, 7)));
  EXPECT_THAT(slots(120), ElementsAre(ElementsAre(), ElementsAre(0), ElementsAre(), ElementsAre(1)));
  EXPECT_THAT(slots(40), ElementsAre(ElementsAre(0), ElementsAre(1, 2), ElementsAre(3), ElementsAre(4, 5)));
  EXPECT_THAT(slots(0), testing::Each(ElementsAre())) << "none";
}

TEST(Conductor, ProcessesBesidesTakePartInEveryTick) {
  for (const auto& acts : ticks({{"dashboards", 2}, {"second_dispatcher", "on"}}, {"w0001"}, 50)) {
    EXPECT_EQ(count_of(acts, "dashboard", "dashboard-1"), 1);
    EXPECT_EQ(count_of(acts, "dashboard", "dashboard-2"), 1);
    EXPECT_EQ(count_of(acts, "dispatch", "dispatcher-2"), 1);
    EXPECT_EQ(count_of(acts, "dispatch", "subject"), 1);
    EXPECT_EQ(acts.back().step, "collect");
  }
}

TEST(Conductor, OutsideWritersActByTheirOwnInterval) {
  for (const auto& acts : ticks({{"outside_writers", 2}, {"outside_interval_s", 20}}, {}, 20)) {
    EXPECT_EQ(count_of(acts, "outside-act", "outside-1"), 3);
    EXPECT_EQ(count_of(acts, "outside-act", "outside-2"), 3);
  }
  for (const auto& acts : ticks({{"outside_writers", 0}}, {}, 3))
    EXPECT_EQ(count_of(acts, "outside-act", "outside-1"), 0);
}

TEST(Conductor, ASecondDispatcherFallsBeforeAndAfterTheFirst) {
  std::set<bool> before;
  for (const auto& acts : ticks({{"second_dispatcher", "on"}}, {}, 100)) {
    const auto at = [&acts](const std::string& process) {
      return std::find_if(acts.begin(), acts.end(),
                          [&](const Act& act) { return act.step == "dispatch" && act.process == process; });
    };
    before.insert(at("dispatcher-2") < at("subject"));
  }
  EXPECT_THAT(before, ElementsAre(false, true));
}

// A seed that was recorded means the same run for good: whatever changes these words changes the meaning of
// every recorded seed.
TEST(Conductor, TheSequenceOfASeedIsPinned) {
  EXPECT_THAT(
      words(ticks({{"seed", 7}, {"worker_kill_rate", 0.5}}, {"w0001", "w0002"}, 2)),
      ElementsAre("notifier@1", "triage@31", "dispatch@8", "probe@27", "visit@19:w0001/claim",
                  "visit@28:w0002/claim!5", "collect@18", "|", "visit@26:w0001/heartbeat", "triage@25",
                  "dispatch@17", "probe@31", "visit@10:w0002/heartbeat", "notifier@1", "collect@16", "|"));
}

TEST(Conductor, AFaultLetsSoManyVisitsEndInADeath) {
  const auto deaths = [](std::int64_t count, std::int64_t told_again) {
    Conductor conductor(settings_with({{"workers", 3}}));
    const Workers workers{"w0001", "w0002", "w0003"};
    const std::int64_t first = conductor.kill_next(count, std::ssize(workers));
    const std::int64_t second = conductor.kill_next(told_again, std::ssize(workers));
    std::vector<int> at;
    for (std::int64_t tick = 0; tick < 2; ++tick) {
      for (const Act& act : conductor.tick(tick, workers)) {
        if (act.kill_at != 0) at.push_back(act.kill_at);
      }
    }
    EXPECT_EQ(std::ssize(at), first + second);
    return std::pair(first, second);
  };
  EXPECT_EQ(deaths(2, 0), std::pair(std::int64_t{2}, std::int64_t{0}));
  EXPECT_EQ(deaths(9, 0), std::pair(std::int64_t{3}, std::int64_t{0})) << "as many as there are";
  EXPECT_EQ(deaths(1, 1), std::pair(std::int64_t{1}, std::int64_t{1})) << "two faults at one tick add up";
  EXPECT_EQ(deaths(2, 2), std::pair(std::int64_t{2}, std::int64_t{1}));
}

TEST(Conductor, ADeathByFaultChangesNoOtherDraw) {
  const Workers workers{"w0001", "w0002"};
  Conductor plain(settings_with({{"workers", 2}})), killing(settings_with({{"workers", 2}}));
  killing.kill_next(1, 2);
  const auto before = plain.tick(0, workers), after = killing.tick(0, workers);
  EXPECT_EQ(words({before}, false), words({after}, false));
  EXPECT_EQ(words({plain.tick(1, workers)}), words({killing.tick(1, workers)}));
}

TEST(Conductor, AnOrderNamesTheStepsAndNothingElseHappens) {
  const json changes{
      {"order", "triage, outside-1, dispatch, workers; 2 x slash, outside-1, outside-2, dashboard-1"},
      {"outside_writers", 2},
      {"dashboards", 1},
      {"notifier", 3}};
  const auto all = ticks(changes, {"w0001", "w0002"}, 4);
  EXPECT_THAT(steps(all[0]), ElementsAre("triage", "outside-act", "dispatch", "visit", "visit", "collect"));
  EXPECT_THAT(steps(all[1]), ElementsAre("slash", "outside-act", "outside-act", "dashboard", "collect"));
  EXPECT_EQ(steps(all[3]), steps(all[0])) << "behind the last tick the first comes again";
  EXPECT_EQ(all[0][3].writer, "w0001");
  EXPECT_EQ(all[1][2].process, "outside-2");
  // Slots count the acts of each writer over all ticks.
  EXPECT_EQ(all[0][1].slot, 0);
  EXPECT_EQ(all[1][1].slot, 1);
  EXPECT_EQ(all[1][2].slot, 0);
  EXPECT_EQ(all[2][0].slot, 1);
}

}  // namespace
}  // namespace walsoak::lab
