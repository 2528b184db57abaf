// Cancellation in mid-tick: a pause or a stop while a dispatch pass is blocked waits for it, and everything
// is closed on the thread that opened it.
#include <unistd.h>

#include "harness/base/os/clock.h"
#include "harness/base/proc/descriptor_table.h"
#include "harness/evidence/observer/kernel_ledger.h"
#include "tests/gateway/conversed_cell.h"

namespace walsoak::subject {
namespace {

using protocol::Message;

class Cancellation : public ConversedCell {
 protected:
  // A cell whose first dispatch pass is blocked by another connection's write lock.
  void block_a_pass(const nlohmann::json& changes) {
    receive();
    nlohmann::json all = {{"workers", 0}};
    all.update(changes);
    ask(cell(all));
    other_.emplace(board_);
    other_->execute("BEGIN IMMEDIATE");
    Message run = protocol::make("run");
    run["id"] = 1;
    run["t0_us"] = os::system_clock().monotonic_us();
    run["epoch_s"] = tests::kNow;
    run["time_scale"] = 1;
    run["jobs"] = Message::array(
        {{{"job", "tick"}, {"steps", {"dispatch", "probe"}}, {"interval_us", 1000}, {"slots", nullptr}}});
    EXPECT_EQ(ask(run).at("id"), 1);
    // The lock is held all the while: what is in flight is blocked, or soon will be.
    while (in_flight() == 0) {
    }
  }
  int in_flight() { return ask(step("ledger")).at("in_flight").get<int>(); }
  void release() {
    other_->execute("COMMIT");
    other_.reset();
  }
  static Message message(const char* type, int id) {
    Message made = protocol::make(type);
    made["id"] = id;
    return made;
  }
  void expect_the_tick_as_a_whole(const std::string& thread) {
    const Message tick = receive();
    EXPECT_EQ(tick.at("type"), "tick");
    EXPECT_EQ(tick.at("ok"), true) << tick.dump();
    ASSERT_EQ(tick.at("steps").size(), 2u) << "a tick cut in half is none";
    for (const Message& step : tick.at("steps")) EXPECT_EQ(step.at("thread"), thread);
  }
  void expect_all_closed(const Message& bye) {
    EXPECT_EQ(bye.at("type"), "bye");
    EXPECT_EQ(bye.at("api").at("b01").at("opened"), bye.at("api").at("b01").at("closed"));
    EXPECT_EQ(bye.at("vfs").at("b01").at("main"), 0);
    EXPECT_EQ(bye.at("vfs").at("b01").at("wal"), 0);
    EXPECT_EQ(exit_code_.get(), 0) << "no AffinityError broke the conversation";
    EXPECT_EQ(observer::KernelLedger({{"b01", board_.path}})
                  .look(os::read_descriptor_table(::getpid()))
                  .at("b01")
                  .counts.value(),
              observer::DescriptorCounts{});
  }

  std::optional<tests::Look> other_;
};

TEST_F(Cancellation, AStopInMidTickWaitsAndClosesOnTheDedicatedThread) {
  block_a_pass({{"strategy", "persistent"}});
  observer_->send(protocol::make("stop"));
  EXPECT_EQ(in_flight(), 1) << "no bye before the pass is through";
  release();
  expect_the_tick_as_a_whole("kanban-dispatcher");
  const Message bye = receive();
  expect_all_closed(bye);
  EXPECT_EQ(bye.at("api").at("b01").at("opened"), (Message{{"dispatcher", 1}}));
}

TEST_F(Cancellation, APauseInMidTickWaitsForItAndTheCachedConnectionLivesOn) {
  block_a_pass({{"strategy", "persistent"}});
  observer_->send(message("pause", 9));
  EXPECT_EQ(in_flight(), 1) << "not idle yet";
  release();
  expect_the_tick_as_a_whole("kanban-dispatcher");
  const Message paused = receive();
  EXPECT_EQ(paused.at("type"), "done");
  EXPECT_EQ(paused.at("id"), 9);
  const Message quiet = ask(step("ledger"));
  EXPECT_EQ(quiet.at("in_flight"), 0);
  EXPECT_EQ(quiet.at("begun"), 2);
  EXPECT_EQ(quiet.at("api").at("b01"), Message::parse(R"({"opened":{"dispatcher":1},"closed":{}})"));
  EXPECT_EQ(ask(step("inside")).at("ok"), true);
  EXPECT_EQ(ask(step("ledger")).at("begun"), 2) << "nothing more has begun";
  expect_all_closed(ask(protocol::make("stop")));
}

TEST_F(Cancellation, APoolStrategyIsCancelledTheSameWay) {
  block_a_pass({{"strategy", "per-tick"}});
  observer_->send(protocol::make("stop"));
  EXPECT_EQ(in_flight(), 1);
  release();
  const Message tick = receive();
  EXPECT_EQ(tick.at("steps").size(), 2u);
  expect_all_closed(receive());
}

TEST_F(Cancellation, AnObserverThatIsGoneInMidTickEndsItWithFourOnceThePassIsThrough) {
  block_a_pass({{"strategy", "persistent"}});
  observer_.reset();
  release();
  EXPECT_EQ(exit_code_.get(), 4) << "and nobody is told anything any more";
}

// Work on the loop: what the loop has opened, the loop closes.
TEST_F(Cancellation, WithWorkOnTheLoopEverythingIsClosedThere) {
  receive();
  ask(cell({{"strategy", "persistent"}, {"workers", 0}, {"mode", "free"}, {"run_on", "loop"}}));
  Message run = message("run", 1);
  run["t0_us"] = os::system_clock().monotonic_us();
  run["epoch_s"] = tests::kNow;
  run["time_scale"] = 1;
  run["jobs"] = Message::array(
      {{{"job", "tick"}, {"steps", {"dispatch", "probe"}}, {"interval_us", 1000}, {"slots", nullptr}}});
  ask(run);
  expect_the_tick_as_a_whole("loop");
  observer_->send(message("pause", 2));
  while (receive().at("type") != "done") {
  }
  EXPECT_EQ(ask(step("inside")).at("ok"), true);
  const Message bye = ask(protocol::make("stop"));
  expect_all_closed(bye);
  EXPECT_EQ(bye.at("api").at("b01").at("opened"), (Message{{"dispatcher", 1}}));
}

}  // namespace
}  // namespace walsoak::subject
