// The subject's threads: the index picks one for good, exceptions come back, names are told.
#include "harness/subject/executors.h"

#include <gmock/gmock.h>
#include <pthread.h>

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

}  // namespace
}  // namespace walsoak::subject
