#include "harness/base/proc/process_status.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

#include "tests/os/forked_child.h"

namespace walsoak::os {
namespace {

TEST(ProcessStatus, ParsesTheKernelsText) {
  const ProcessStatus status = parse_process_status(
      "Name:\tVmRSS:\nState:\tS (sleeping)\nVmHWM:\t    9999 kB\nVmRSS:\t    1520 kB\nRssAnon:\t     100 kB\n"
      "Threads:\t12\nSigQ:\t0/96365\n");
  EXPECT_EQ(status.rss_bytes, 1520u * 1024);
  EXPECT_EQ(status.threads, 12u);
  EXPECT_FALSE(status.ended());
}

TEST(ProcessStatus, AZombieHasNoMemory) {
  const ProcessStatus status = parse_process_status("State:\tZ (zombie)\nThreads:\t1\n");
  EXPECT_EQ(status.rss_bytes, std::nullopt);
  EXPECT_TRUE(status.ended());
}

TEST(ProcessStatus, ParsesTheSoftLimitOnDescriptors) {
  EXPECT_EQ(parse_descriptor_limit(
                "Limit                     Soft Limit           Hard Limit           Units     \n"
                "Max processes             96365                96365                processes \n"
                "Max open files            1024                 1048576              files     \n"),
            1024u);
}

TEST(ProcessStatus, ALimitThatIsNoNumberOrNotThereIsUnknown) {
  EXPECT_EQ(
      parse_descriptor_limit("Max open files            unlimited            unlimited            files\n"),
      std::nullopt);
  EXPECT_EQ(parse_descriptor_limit("Max processes             7                    7\n"), std::nullopt);
  EXPECT_EQ(parse_descriptor_limit(""), std::nullopt);
  EXPECT_EQ(parse_process_status("").threads, std::nullopt);
}

TEST(ProcessStatus, ReadsARealProcess) {
  const tests::ForkedChild child([] {
    const rlimit limit{73, 100};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  });
  const auto status = read_process_status(child.pid());
  ASSERT_TRUE(status);
  EXPECT_GT(status->rss_bytes.value_or(0), 4096u);
  EXPECT_EQ(status->descriptor_limit, 73u);
}

// Relative to a process without it: a sanitizer may have a thread of its own.
// Both children start threads: a sanitizer's runtime may add one of its own with the first.
TEST(ProcessStatus, ANumberOfItsStatusIsFoundByItsLabel) {
  EXPECT_EQ(status_number(::getpid(), "Tgid:"), static_cast<std::uint64_t>(::getpid()));
  EXPECT_EQ(status_number(::getpid(), "PPid:"), static_cast<std::uint64_t>(::getppid()));
  EXPECT_EQ(status_number(::getpid(), "NoSuchLabel:"), std::nullopt);
}

TEST(ProcessStatus, CountsTheThreadsOfARealProcess) {
  const auto start = [](int threads) {
    for (int i = 0; i < threads; ++i) std::thread([] { ::pause(); }).detach();
  };
  const tests::ForkedChild one([&] { start(1); });
  const tests::ForkedChild three([&] { start(3); });
  const auto few = read_process_status(one.pid());
  const auto more = read_process_status(three.pid());
  ASSERT_TRUE(few && more && few->threads && more->threads);
  EXPECT_EQ(*more->threads, *few->threads + 2);
}

TEST(ProcessStatus, AnEndedProcessHasEndedAndAReapedOneIsNotThere) {
  tests::ForkedChild child([] {});
  child.end();
  const auto zombie = read_process_status(child.pid());
  ASSERT_TRUE(zombie);
  EXPECT_TRUE(zombie->ended());
  child.reap();
  EXPECT_EQ(read_process_status(child.pid()).has_value(), false);
}

}  // namespace
}  // namespace walsoak::os
