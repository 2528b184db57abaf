// The gateway's jobs on their clock: what a slot runs and tells, side by side, how a job ends, and a pause.
#include "harness/subject/gateway/jobs.h"

#include <atomic>

#include "tests/gateway/running_cell.h"

namespace walsoak::subject {
namespace {

using protocol::Message;
using sqlite::Actor;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> steps_of(const Message& tick) {
  std::vector<std::string> names;
  for (const Message& step : tick.at("steps")) names.push_back(step.at("step"));
  return names;
}

class JobsTest : public RunningCell {
 protected:
  std::vector<Message> told_by(const std::string& job) const {
    std::vector<Message> ticks;
    for (const Message& told : told_) {
      if (told.at("type") == "tick" && told.at("job") == job) ticks.push_back(told);
    }
    return ticks;
  }
  // Looks from the loop, again and again, until it holds.
  void once(std::function<bool()> holds, std::function<void()> then) {
    loop_.post([this, holds = std::move(holds), then = std::move(then)] {
      if (holds()) {
        then();
      } else {
        once(holds, then);
      }
    });
  }
};

TEST_F(JobsTest, StepsOfASlotRunInTheirOrderAndACollectionEndsEveryNth) {
  begin({{"workers", 0}});
  Message tick = job("tick", {"triage", "dispatch", "probe"});
  tick["collect_every"] = 3;
  on_told_ = [this](const Message&) {
    if (told_.size() == 12) pause_and_stop();
  };
  start(Message::array({tick}));
  run_loop();
  ASSERT_EQ(told_.size(), 12u);
  std::int64_t last = -1;
  for (const Message& slot : told_) {
    const auto number = slot.at("slot").get<std::int64_t>();
    if ((number + 1) % 3 == 0) {
      EXPECT_THAT(steps_of(slot), ElementsAre("triage", "dispatch", "probe", "collect"));
    } else {
      EXPECT_THAT(steps_of(slot), ElementsAre("triage", "dispatch", "probe"));
    }
    EXPECT_EQ(number, last + 1 + slot.at("missed").get<std::int64_t>());
    last = number;
    EXPECT_EQ(slot.at("ok"), true) << slot.dump();
    EXPECT_FALSE(slot.at("steps").at(1).contains("boards")) << "nothing to say of boards where all went well";
    EXPECT_GE(slot.at("late_us").get<std::int64_t>(), 0);
  }
  EXPECT_EQ(jobs_->in_flight(), 0);
}

TEST_F(JobsTest, ACollectionTellsWhatItFreed) {
  begin({{"workers", 0}, {"strategy", "unclosed"}});
  Message tick = job("tick", {"dispatch"});
  tick["collect_every"] = 1;
  on_told_ = [this](const Message&) { pause_and_stop(); };
  start(Message::array({tick}));
  run_loop();
  EXPECT_EQ(told_.at(0).at("steps").at(1).at("freed"), 2);
}

TEST_F(JobsTest, AJobThatHasUsedUpItsSlotsSaysSoAfterItsLastTick) {
  begin({{"workers", 0}});
  on_told_ = [this](const Message& told) {
    if (told.at("type") == "event") loop_.stop();
  };
  Message tick = job("tick", {"dispatch", "probe"});
  tick["slots"] = 40;
  start(Message::array({tick}));
  run_loop();
  const Message& end = told_.back();
  EXPECT_EQ(end.at("event"), "job-ended");
  EXPECT_EQ(end.at("job"), "tick");
  const auto ran = end.at("ran").get<std::size_t>();
  EXPECT_EQ(ran, told_by("tick").size());
  EXPECT_EQ(told_.size(), ran + 1);
  EXPECT_GT(ran, 0u);
  EXPECT_EQ(ran + end.at("missed").get<std::size_t>(), 40u);
}

TEST_F(JobsTest, JobsOverlapWhileNoneOverlapsItself) {
  begin({{"workers", 0}});
  tests::Look other(boards_[0]);
  other.execute("BEGIN IMMEDIATE");
  bool blocked = true;
  on_told_ = [&](const Message&) {
    EXPECT_TRUE(!blocked || told_by("tick").empty()) << "the first that ran is blocked all the while";
    if (blocked && told_by("notifier").size() == 3) {
      other.execute("COMMIT");
      blocked = false;
    }
    if (!blocked && !told_by("tick").empty()) pause_and_stop();
  };
  start(Message::array({job("tick", {"dispatch"}), job("notifier", {"notifier"})}));
  run_loop();
  const Message first = told_by("tick").at(0);
  EXPECT_EQ(first.at("slot"), first.at("missed")) << "the first that ran: a slow machine skips slots";
  EXPECT_EQ(told_by("tick").at(0).at("ok"), true);
}

TEST_F(JobsTest, APauseWaitsForTheWholeSlotAndNothingBeginsAfterIt) {
  begin({{"workers", 0}});
  tests::Look other(boards_[0]);
  other.execute("BEGIN IMMEDIATE");
  bool idle = false;
  start(Message::array({job("tick", {"dispatch", "probe"})}));
  once([this] { return jobs_->in_flight() == 1; },
       [&] {
         jobs_->pause([&] {
           idle = true;
           loop_.stop();
         });
         EXPECT_FALSE(idle) << "a step is in flight";
         other.execute("COMMIT");
       });
  run_loop();
  EXPECT_TRUE(idle);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_THAT(steps_of(told_[0]), ElementsAre("dispatch", "probe"));
  EXPECT_EQ(jobs_->in_flight(), 0);
  EXPECT_EQ(jobs_->begun(), 2);
}

TEST_F(JobsTest, APauseWithNothingInFlightIsIdleAtOnce) {
  begin({{"workers", 0}});
  Message never = job("tick", {"dispatch"});
  never["interval_us"] = 3600000000;
  start(Message::array({never}));
  bool idle = false;
  jobs_->pause([&] { idle = true; });
  EXPECT_TRUE(idle);
  EXPECT_EQ(jobs_->begun(), 0);
}

TEST_F(JobsTest, OnTheLoopEveryStepRunsOnTheLoop) {
  begin({{"workers", 0}, {"strategy", "persistent"}, {"mode", "free"}, {"run_on", "loop"}});
  run_ticks(3, {"triage", "dispatch", "probe", "notifier", "collect"},
            [this](int) { EXPECT_EQ(jobs_->in_flight(), 0); });
  for (const Message& tick : told_) {
    EXPECT_EQ(tick.at("ok"), true) << tick.dump();
    for (const Message& step : tick.at("steps")) EXPECT_EQ(step.at("thread"), "loop");
  }
  EXPECT_EQ(opened(0), 1);
  EXPECT_NO_THROW(gateway_->close_everything(0)) << "by the thread that opened it";
  expect_nothing_open(0);
}

TEST_F(JobsTest, OnTheExecutorsAPoolOfOneTakesTheStepsInTurn) {
  begin({{"workers", 0}, {"pool_threads", 1}});
  int polls = 0;
  on_told_ = [&](const Message& told) {
    if (told.at("job") == "notifier" && ++polls == 5) pause_and_stop();
  };
  start(Message::array({job("tick", {"dispatch", "probe"}), job("notifier", {"notifier"})}));
  run_loop();
  for (const Message& tick : told_) {
    for (const Message& step : tick.at("steps")) EXPECT_EQ(step.at("thread"), "pool-0");
  }
}

TEST_F(JobsTest, TheErrorOfABoardIsToldWithItsBoard) {
  begin({{"workers", 0}, {"header_check", "raw"}});
  run_ticks(3, {"dispatch", "probe"}, [this](int tick) {
    if (tick == 1) std::ofstream(boards_[1].path) << std::string(8192, 'x');
  });
  EXPECT_EQ(told_.at(0).at("ok"), true);
  const Message& failed = told_.at(1);
  EXPECT_EQ(failed.at("ok"), false);
  EXPECT_EQ(failed.at("steps").at(0).at("ok"), false);
  ASSERT_EQ(failed.at("steps").at(0).at("boards").size(), 1u) << "those that failed, only";
  EXPECT_EQ(failed.at("steps").at(0).at("boards").at(0).at("board"), "b02");
  EXPECT_EQ(failed.at("steps").at(0).at("boards").at(0).at("error").at("app"), board::kNotADatabase);
  EXPECT_EQ(told_.at(2).at("steps").at(0).at("boards").at(0).at("error").at("app"), "disabled");
}

TEST_F(JobsTest, WhereNobodyLookedIsToldToo) {
  begin({{"workers", 0}, {"strategy", "noop"}});
  run_ticks(1, {"dispatch"});
  EXPECT_EQ(told_.at(0).at("ok"), true);
  ASSERT_EQ(told_.at(0).at("steps").at(0).at("boards").size(), 2u);
  EXPECT_EQ(told_.at(0).at("steps").at(0).at("boards").at(0).at("looked"), false);
}

TEST_F(JobsTest, AnErrorOfNoBoardFailsItsStepAndTheGatewayLivesOn) {
  begin({{"workers", 0}});
  run_ticks(2, {"reap", "dispatch"});  // reap wants to be told a pid
  for (const Message& tick : told_) {
    EXPECT_EQ(tick.at("ok"), false);
    const Message& error = tick.at("steps").at(0).at("boards").at(0).at("error");
    EXPECT_EQ(error.at("app"), "internal");
    EXPECT_THAT(error.at("message").get<std::string>(), HasSubstr("pid"));
    EXPECT_EQ(tick.at("steps").at(1).at("ok"), true) << "the next step runs";
  }
}

TEST_F(JobsTest, WorkersThatWereSpawnedAndThatEndedAreToldWithTheTick) {
  begin({{"workers", 1}}, {"/bin/sh", "-c", "exit 7", "worker"});
  on_told_ = [this](const Message& told) {
    if (told.contains("ended")) pause_and_stop();
  };
  start(Message::array({job("tick", {"dispatch"})}));
  run_loop();
  std::vector<Message> spawned;
  for (const Message& tick : told_) {
    for (const Message& worker : tick.value("spawned", Message::array())) spawned.push_back(worker);
  }
  ASSERT_FALSE(spawned.empty());
  EXPECT_EQ(spawned[0].at("writer"), "w0001");
  EXPECT_GT(spawned[0].at("pid").get<pid_t>(), 0);
  EXPECT_EQ(told_.back().at("ended").dump(), R"([{"writer":"w0001","exit_code":7,"signal":0}])");
  // The pass that reaped it had room for the next.
  for (std::size_t i = 1; i < spawned.size(); ++i) spawner_->reap(spawned[i].at("pid").get<pid_t>());
}

TEST_F(JobsTest, AnUnknownStepOrABrokenMessageStartsNothing) {
  begin({{"workers", 0}});
  EXPECT_THROW(start(Message::array({job("tick", {"dispatch", "vacuum"})})), std::invalid_argument);
  EXPECT_THROW(start(Message::array({{{"job", "tick"}}})), std::exception);
}

// A clock that stands still until it is told.
class HandClock final : public os::Clock {
 public:
  std::int64_t monotonic_us() const override { return now_us; }
  std::int64_t unix_s() const override { return 0; }
  std::atomic<std::int64_t> now_us{0};
};

// Jobs on the loop alone, so that the clock moves where the test says and nowhere else.
class JobsByHand : public JobsTest {
 protected:
  void start_by_hand(const Message& jobs, double time_scale = 1) {
    begin({{"workers", 0}, {"mode", "free"}, {"run_on", "loop"}});
    context_.emplace(context());
    jobs_.emplace(hand_loop_, *context_, [this](const Message& told) {
      told_.push_back(told);
      if (on_told_) on_told_(told);
    });
    Message run = {{"t0_us", 0}, {"epoch_s", tests::kNow}, {"time_scale", time_scale}, {"jobs", jobs}};
    jobs_->start(run);
  }
  void at_once(std::int64_t now_us) {
    hand_loop_.post([this, now_us] { clock_.now_us = now_us; });
  }

  HandClock clock_;
  os::EventLoop hand_loop_{clock_};
};

TEST_F(JobsByHand, LatenessAndMissedSlotsAreCountedFromTheSchedule) {
  on_told_ = [this](const Message& told) {
    if (told.at("type") == "event") return hand_loop_.stop();
    const bool first = told.at("slot") == 0;
    clock_.now_us = first ? 3900 : 9000;  // how long the slot took
    if (first) at_once(4200);
  };
  Message tick = {{"job", "tick"}, {"steps", {"ledger"}}, {"interval_us", 1000}, {"slots", 6}};
  start_by_hand(Message::array({tick}));
  at_once(1250);
  hand_loop_.run();
  ASSERT_EQ(told_.size(), 3u);
  const auto numbers = [this](std::size_t i) {
    std::vector<std::int64_t> all;
    for (const char* key : {"slot", "t_us", "late_us", "missed", "lag_us"}) all.push_back(told_[i].at(key));
    return all;
  };
  EXPECT_THAT(numbers(0), ElementsAre(0, 1250, 250, 0, 250));
  EXPECT_THAT(numbers(1), ElementsAre(3, 4200, 200, 2, 200)) << "lag is told since the last tick";
  EXPECT_EQ(told_[2].at("ran"), 2);
  EXPECT_EQ(told_[2].at("missed"), 4) << "two between them and two at the end";
}

TEST_F(JobsByHand, TheBoardsTimeRunsAtItsScaleFromItsEpoch) {
  on_told_ = [this](const Message&) { hand_loop_.stop(); };
  Message slash = {{"job", "slash"}, {"steps", {"slash"}}, {"interval_us", 2000000}, {"slots", nullptr}};
  start_by_hand(Message::array({slash}), 60);
  at_once(2000000);
  hand_loop_.run();
  tests::Look look(boards_[0]);
  EXPECT_EQ(look.value("SELECT created_at FROM tasks WHERE id = 'b01-s000000'"),
            std::to_string(tests::kNow + 120));
}

}  // namespace
}  // namespace walsoak::subject
