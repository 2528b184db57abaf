// The event loop: timers in their order, hand-overs from other threads, descriptors, lag, and what is thrown.
#include "harness/base/os/event_loop.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace walsoak::os {
namespace {

using testing::ElementsAre;

// Goes on only when a test says so.
class StandingClock final : public Clock {
 public:
  std::int64_t monotonic_us() const override { return now_us; }
  std::int64_t unix_s() const override { return 0; }
  std::atomic<std::int64_t> now_us{0};
};

class EventLoopTest : public testing::Test {
 protected:
  EventLoop::Act note(int number) {
    return [this, number] { seen_.push_back(number); };
  }
  EventLoop::Act stop() {
    return [this] { loop_.stop(); };
  }
  void feed(const Pipe& pipe, char byte = 'x') { ASSERT_EQ(::write(pipe.write_end.get(), &byte, 1), 1); }
  static void take(const Pipe& pipe) {
    char byte = 0;
    ASSERT_EQ(::read(pipe.read_end.get(), &byte, 1), 1);
  }

  StandingClock clock_;
  EventLoop loop_{clock_};
  std::vector<int> seen_;
};

TEST_F(EventLoopTest, TimersFireInTheOrderOfTheirTimesNotOfTheirCalls) {
  loop_.at(30, note(30));
  loop_.at(10, note(10));
  loop_.at(20, note(20));
  loop_.at(20, note(21));
  loop_.at(40, stop());
  clock_.now_us = 40;
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre(10, 20, 21, 30));
}

TEST_F(EventLoopTest, ATimerNeverFiresBeforeItsTime) {
  loop_.at(100, [this] {
    EXPECT_GE(clock_.now_us, 100);
    loop_.stop();
  });
  for (const int now : {50, 99, 100}) {
    loop_.post([this, now] {
      EXPECT_FALSE(loop_.stopped());
      clock_.now_us = now;
    });
  }
  loop_.run();
  EXPECT_EQ(clock_.now_us, 100);
}

TEST_F(EventLoopTest, ATimerMaySetTheNext) {
  std::function<void()> again = [&] {
    seen_.push_back(static_cast<int>(clock_.now_us));
    if (seen_.size() == 3) return loop_.stop();
    clock_.now_us += 10;
    loop_.at(clock_.now_us, again);
  };
  loop_.at(0, again);
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre(0, 10, 20));
}

TEST_F(EventLoopTest, AfterAStopNoMoreTimersFire) {
  loop_.at(1, stop());
  loop_.at(2, note(2));
  clock_.now_us = 5;
  loop_.run();
  EXPECT_TRUE(seen_.empty());
  EXPECT_TRUE(loop_.stopped());
}

TEST_F(EventLoopTest, WhatIsPostedRunsOnTheLoopsThreadInTheOrderOfEachThread) {
  constexpr int kThreads = 4, kPosts = 50;
  std::vector<std::vector<int>> by_thread(kThreads);
  const auto here = std::this_thread::get_id();
  int left = kThreads * kPosts;
  std::vector<std::thread> posters;
  for (int thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < kPosts; ++i) {
        loop_.post([&, thread, i] {
          EXPECT_EQ(std::this_thread::get_id(), here);
          by_thread[static_cast<std::size_t>(thread)].push_back(i);
          if (--left == 0) loop_.stop();
        });
      }
    });
  }
  loop_.run();
  for (std::thread& poster : posters) poster.join();
  for (const std::vector<int>& seen : by_thread) {
    ASSERT_EQ(seen.size(), static_cast<std::size_t>(kPosts));
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  }
}

TEST_F(EventLoopTest, APostWakesALoopThatHasNothingElseToWaitFor) {
  std::thread poster([this] { loop_.post(stop()); });
  loop_.run();
  poster.join();
  EXPECT_TRUE(loop_.stopped());
}

TEST_F(EventLoopTest, MorePostsThanTheWakingPipeHoldsBlockNobody) {
  constexpr int kMany = 100000;  // a pipe holds 65536 bytes
  int ran = 0;
  for (int i = 0; i < kMany; ++i) loop_.post([&ran] { ++ran; });
  loop_.post(stop());
  loop_.run();
  EXPECT_EQ(ran, kMany);
}

TEST_F(EventLoopTest, ADescriptorIsReadAsLongAsThereIsSomething) {
  const Pipe pipe = make_pipe();
  feed(pipe);
  feed(pipe);
  loop_.watch(pipe.read_end.get(), [&] {
    take(pipe);
    seen_.push_back(1);
    if (seen_.size() == 2) loop_.stop();
  });
  loop_.run();
  EXPECT_EQ(seen_.size(), 2u);
}

TEST_F(EventLoopTest, AnActMayForgetItsOwnDescriptor) {
  const Pipe pipe = make_pipe();
  feed(pipe);
  auto held = std::make_shared<int>(7);
  std::weak_ptr<int> alive = held;
  loop_.watch(pipe.read_end.get(), [&, held = std::move(held)] {
    loop_.forget(pipe.read_end.get());
    EXPECT_EQ(*held, 7) << "what the act holds lives until it returns";
    seen_.push_back(1);
    loop_.post(stop());
  });
  loop_.run();
  EXPECT_THAT(seen_, ElementsAre(1)) << "still readable, and forgotten";
  EXPECT_TRUE(alive.expired());
}

TEST_F(EventLoopTest, ADescriptorThatAnotherActForgotIsNotRead) {
  const Pipe first = make_pipe(), second = make_pipe();
  feed(first);
  feed(second);
  for (const Pipe* pipe : {&first, &second}) {
    loop_.watch(pipe->read_end.get(), [&] {
      seen_.push_back(1);
      loop_.forget(first.read_end.get());
      loop_.forget(second.read_end.get());
      loop_.post(stop());
    });
  }
  loop_.run();
  EXPECT_EQ(seen_.size(), 1u);
}

TEST_F(EventLoopTest, TheEndOfAFileIsReadable) {
  Pipe pipe = make_pipe();
  pipe.write_end.reset();
  loop_.watch(pipe.read_end.get(), stop());
  loop_.run();
  EXPECT_TRUE(loop_.stopped());
}

TEST_F(EventLoopTest, ATimerThatIsAlwaysLateKeepsNobodyWaiting) {
  const Pipe pipe = make_pipe();
  std::function<void()> again = [&] {
    seen_.push_back(1);
    if (seen_.size() == 2) feed(pipe);
    if (seen_.size() == 1000) throw std::runtime_error("nobody else had a turn");
    loop_.at(0, again);  // has passed already
  };
  clock_.now_us = 100;
  loop_.at(0, again);
  loop_.watch(pipe.read_end.get(), stop());
  loop_.run();
  EXPECT_EQ(seen_.size(), 2u);
}

TEST_F(EventLoopTest, LagIsTheWorstLatenessOfATimerSinceItWasAskedFor) {
  EXPECT_EQ(loop_.take_lag_us(), 0);
  loop_.at(10, [this] { clock_.now_us += 100; });  // blocks the loop
  loop_.at(15, [this] { loop_.post([this] { clock_.now_us = 136; }); });
  loop_.at(130, note(2));
  loop_.at(135, stop());
  clock_.now_us = 12;
  loop_.run();
  // 10 was 2 late; 15 was 97 late behind the one that blocked; 130 and 135 were 6 and 1 late.
  EXPECT_EQ(loop_.take_lag_us(), 97);
  EXPECT_EQ(loop_.take_lag_us(), 0);
}

TEST_F(EventLoopTest, WhatAnActThrowsPassesThroughAndTheLoopMayGoOn) {
  loop_.at(0, [] { throw std::out_of_range("timer"); });
  EXPECT_THROW(loop_.run(), std::out_of_range);
  const Pipe pipe = make_pipe();
  feed(pipe);
  loop_.watch(pipe.read_end.get(), [&] {
    loop_.forget(pipe.read_end.get());
    throw std::domain_error("descriptor");
  });
  EXPECT_THROW(loop_.run(), std::domain_error);
  loop_.post([] { throw std::length_error("posted"); });
  EXPECT_THROW(loop_.run(), std::length_error);
  loop_.post(stop());
  EXPECT_NO_THROW(loop_.run());
}

}  // namespace
}  // namespace walsoak::os
