#include "harness/field/watch/find_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness/base/shared/errors.h"

namespace walsoak::watch {
namespace {

using testing::ElementsAre;

os::ProcessEntry process(pid_t pid, pid_t parent, const std::string& command,
                         std::vector<std::string> arguments = {}) {
  os::ProcessEntry entry;
  entry.pid = pid;
  entry.parent = parent;
  entry.command = command;
  entry.arguments = std::move(arguments);
  entry.state = 'S';
  return entry;
}

std::vector<pid_t> pids(const std::vector<os::ProcessEntry>& processes) {
  std::vector<pid_t> result;
  for (const os::ProcessEntry& entry : processes) result.push_back(entry.pid);
  return result;
}

TEST(Pattern, IsFoundInCommandOrCommandLine) {
  const os::ProcessEntry gateway =
      process(7, 1, "python3", {"/usr/bin/python3", "/opt/gateway.py", "--port", "80"});
  EXPECT_TRUE(Pattern("gateway").matches(gateway));
  EXPECT_TRUE(Pattern("^python3$").matches(gateway));  // the command
  EXPECT_TRUE(Pattern("gateway.py --port (80|81)$").matches(gateway));
  EXPECT_FALSE(Pattern("Gateway").matches(gateway));
  EXPECT_FALSE(Pattern("dispatcher").matches(gateway));
}

TEST(Pattern, WhatIsNoneIsRefused) {
  EXPECT_THROW(Pattern("("), Refused);
  EXPECT_THROW(Pattern(""), Refused);
}

TEST(Matching, LeavesOutItselfItsAncestorsAndWhatHasEnded) {
  std::vector<os::ProcessEntry> all = {
      process(1, 0, "init"),        process(10, 1, "sudo", {"sudo", "walsoak-watch", "--name", "gateway"}),
      process(11, 10, "gateway"),   process(12, 10, "walsoak-watch", {"walsoak-watch", "--name", "gateway"}),
      process(13, 1, "gateway"),    process(14, 12, "gateway"),
      process(15, 1, "dispatcher"),
  };
  all[4].state = 'Z';
  EXPECT_THAT(pids(matching(Pattern("gateway"), all, 12)), ElementsAre(11, 14));
}

TEST(Matching, LeavesOutKernelThreads) {
  std::vector<os::ProcessEntry> all = {process(1, 0, "init"), process(2, 0, "kthreadd"),
                                       process(3, 1, "kthreadd")};
  all[1].kernel_thread = true;
  EXPECT_THAT(pids(matching(Pattern("kthreadd"), all, 1)), ElementsAre(3));
}

TEST(ProcessWithPid, AKernelThreadIsNamedAsOne) {
  const std::vector<os::ProcessEntry> all = os::list_processes();
  const auto found =
      std::find_if(all.begin(), all.end(), [](const os::ProcessEntry& entry) { return entry.kernel_thread; });
  if (found == all.end()) GTEST_SKIP() << "no kernel thread is to be seen in this container";
  EXPECT_THAT(
      [&] { process_with_pid(found->pid); },
      testing::ThrowsMessage<Refused>(testing::HasSubstr("is a kernel thread, which has no descriptors")));
}

TEST(ProcessWithPid, OneThatHasEndedIsNone) {
  EXPECT_THAT([] { process_with_pid(4194304); },
              testing::ThrowsMessage<Refused>(testing::HasSubstr("--pid 4194304: no such process")));
}

}  // namespace
}  // namespace walsoak::watch
