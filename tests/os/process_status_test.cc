#include "harness/os/process_status.h"

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
TEST(ProcessStatus, CountsTheThreadsOfARealProcess) {
  const tests::ForkedChild plain([] {});
  const tests::ForkedChild more([] { std::thread([] { ::pause(); }).detach(); });
  const auto before = read_process_status(plain.pid());
  const auto after = read_process_status(more.pid());
  ASSERT_TRUE(before && after && before->threads && after->threads);
  EXPECT_EQ(*after->threads, *before->threads + 1);
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
