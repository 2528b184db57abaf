// The subject's threads: the index picks one for good, exceptions come back, names are told.
#include "harness/subject/gateway/executors.h"

#include <gmock/gmock.h>
#include <pthread.h>

#include <future>
#include <latch>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace walsoak::subject {
namespace {

std::thread::id thread_of(NamedThread& thread) {
  std::thread::id id;
  thread.run([&] { id = std::this_thread::get_id(); });
  return id;
}

std::string kernel_name(NamedThread& thread) {
  char name[16] = {};
  thread.run([&] { pthread_getname_np(pthread_self(), name, sizeof name); });
  return name;
}

TEST(Executors, AnIndexIsAThreadForGood) {
  Executors executors;
  const auto first = thread_of(executors.pool(3));
  const auto second = thread_of(executors.pool(4));
  EXPECT_EQ(thread_of(executors.pool(3)), first);
  EXPECT_EQ(thread_of(executors.pool(4)), second);
  EXPECT_NE(first, second);
  EXPECT_NE(first, std::this_thread::get_id());
}

TEST(Executors, AThreadOfThePoolLivesForSoManyPiecesOfWork) {
  thread_local int worked = 0;
  Executors executors(2);
  const auto work_on = [&](std::int64_t index) {
    int count = 0;
    executors.pool(index).run([&] { count = ++worked; });
    return count;
  };
  EXPECT_EQ(work_on(0), 1);
  EXPECT_EQ(work_on(0), 2);
  EXPECT_EQ(work_on(1), 1);
  EXPECT_EQ(work_on(0), 1) << "another thread, with nothing of the first one's";
  EXPECT_EQ(executors.pool(0).name(), "pool-0");
}

TEST(Executors, TheDedicatedThreadIsNoneOfThePools) {
  Executors executors;
  const auto dedicated = thread_of(executors.dedicated());
  EXPECT_EQ(thread_of(executors.dedicated()), dedicated);
  for (int index = 0; index < 4; ++index) EXPECT_NE(thread_of(executors.pool(index)), dedicated);
}

TEST(Executors, ThreadsHaveNamesAndTheKernelKeepsFifteenCharacters) {
  Executors executors;
  EXPECT_EQ(executors.dedicated().name(), "kanban-dispatcher");
  EXPECT_EQ(kernel_name(executors.dedicated()), "kanban-dispatch");
  EXPECT_EQ(executors.pool(12).name(), "pool-12");
  EXPECT_EQ(kernel_name(executors.pool(12)), "pool-12");
}

TEST(Executors, AnExceptionIsThrownWhereTheWorkWasOrdered) {
  NamedThread thread("worker");
  EXPECT_THROW(thread.run([] { throw std::out_of_range("here"); }), std::out_of_range);
  bool ran = false;
  thread.run([&] { ran = true; });
  EXPECT_TRUE(ran) << "the thread lives on";
}

TEST(Executors, WorkOfManyOrderersRunsOneAtATime) {
  NamedThread thread("worker");
  int running = 0, most = 0, done = 0;
  std::vector<std::thread> orderers;
  for (int orderer = 0; orderer < 4; ++orderer) {
    orderers.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        thread.run([&] {
          most = std::max(most, ++running);
          ++done;
          --running;
        });
      }
    });
  }
  for (std::thread& orderer : orderers) orderer.join();
  EXPECT_EQ(done, 100);
  EXPECT_EQ(most, 1);
}

// Whether a thread of the pool is idle cannot be asked; what it is handed by name runs once it is.
void await_idle(Executors& executors, std::int64_t index) {
  executors.pool(index).run([] {});
}

// The name of the thread that the pool chose for a piece of work, once that is done and the thread idle.
std::string chosen(Executors& executors, std::int64_t most) {
  std::promise<std::string> name;
  executors.post_to_pool(most, [&name] { name.set_value(this_thread_name()); });
  const std::string thread = name.get_future().get();
  await_idle(executors, std::stoll(thread.substr(std::string("pool-").size())));
  return thread;
}

// Keeps a thread of the pool busy from its construction until end().
class Busy {
 public:
  Busy(Executors& executors, std::int64_t most) {
    executors.post_to_pool(most, [this, end = end_.get_future().share()] {
      began_.set_value(this_thread_name());
      end.wait();
    });
  }
  std::string thread() { return began_.get_future().get(); }
  void end() { end_.set_value(); }

 private:
  std::promise<std::string> began_;
  std::promise<void> end_;
};

TEST(ExecutorsPool, OffThePoolTheThreadIsTheLoop) {
  EXPECT_EQ(this_thread_name(), "loop");
}

TEST(ExecutorsPool, AnIdleThreadIsTakenBeforeANewOneIsStarted) {
  Executors executors;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(chosen(executors, 32), "pool-0");
}

TEST(ExecutorsPool, TheThreadThatHasBeenIdleLongestIsNext) {
  Executors executors;
  Busy first(executors, 32), second(executors, 32), third(executors, 32);
  EXPECT_EQ(first.thread(), "pool-0");
  EXPECT_EQ(second.thread(), "pool-1");
  EXPECT_EQ(third.thread(), "pool-2");
  second.end();
  await_idle(executors, 1);
  third.end();
  await_idle(executors, 2);
  first.end();
  await_idle(executors, 0);
  for (const char* next : {"pool-1", "pool-2", "pool-0", "pool-1"}) EXPECT_EQ(chosen(executors, 32), next);
}

TEST(ExecutorsPool, WorkWaitsWhereAllAreBusyAndRunsInTurnOnTheFirstThatIsNot) {
  std::vector<std::string> ran;
  std::latch done(2);
  Executors executors;  // its threads end before what they use
  Busy first(executors, 2), second(executors, 2);
  EXPECT_EQ(first.thread(), "pool-0");
  EXPECT_EQ(second.thread(), "pool-1");
  for (const char* work : {"third", "fourth"}) {
    executors.post_to_pool(2, [&ran, &done, work] {
      ran.push_back(work + std::string(" on ") + this_thread_name());
      done.count_down();
    });
  }
  second.end();
  done.wait();
  EXPECT_EQ(ran, (std::vector<std::string>{"third on pool-1", "fourth on pool-1"}));
  await_idle(executors, 1);
  EXPECT_EQ(chosen(executors, 2), "pool-1") << "idle again, once";
  first.end();
}

TEST(ExecutorsPool, NeverMoreThreadsThanAtMost) {
  std::mutex mutex;
  std::set<std::string> threads;
  std::latch done(60);
  Executors executors;  // its threads end before what they use
  for (int i = 0; i < 60; ++i) {
    executors.post_to_pool(3, [&] {
      {
        const std::lock_guard lock(mutex);
        threads.insert(this_thread_name());
      }
      done.count_down();
    });
  }
  done.wait();
  for (const std::string& thread : threads) {
    EXPECT_TRUE(thread == "pool-0" || thread == "pool-1" || thread == "pool-2") << thread;
  }
}

TEST(ExecutorsPool, TheDedicatedThreadTakesWhatIsPostedInTurn) {
  Executors executors;
  std::vector<int> ran;
  for (int i = 0; i < 5; ++i) executors.dedicated().post([&ran, i] { ran.push_back(i); });
  executors.dedicated().run([] {});
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
}

}  // namespace
}  // namespace walsoak::subject
