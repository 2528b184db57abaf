#include "harness/base/os/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/utsname.h>

#include <nlohmann/json.hpp>

namespace walsoak::os {
namespace {

constexpr std::string_view kMounts =
    "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "25 22 0:22 / /proc rw,nosuid - proc proc rw\n"
    "31 22 0:27 / /dev/shm rw,nosuid shared:4 master:2 - tmpfs tmpfs rw\n"
    "40 22 0:40 / /mnt/with\\040blank rw - btrfs /dev/vdb rw\n"
    "41 22 0:41 / /mnt/twice rw - xfs /dev/vdc rw\n"
    "42 41 0:42 / /mnt/twice rw - fuse.sshfs host: rw\n";

TEST(Environment, TheInnermostMountPointHoldsTheFolder) {
  EXPECT_EQ(file_system_of(kMounts, "/home/a"), "ext4");
  EXPECT_EQ(file_system_of(kMounts, "/"), "ext4");
  EXPECT_EQ(file_system_of(kMounts, "/dev/shm"), "tmpfs");
  EXPECT_EQ(file_system_of(kMounts, "/dev/shm/run/boards"), "tmpfs");
  EXPECT_EQ(file_system_of(kMounts, "/dev/shmother"), "ext4");
  EXPECT_EQ(file_system_of(kMounts, "/mnt/with blank/b01"), "btrfs");
}

TEST(Environment, OfTwoMountsOnOnePointTheLaterCounts) {
  EXPECT_EQ(file_system_of(kMounts, "/mnt/twice/x"), "fuse.sshfs");
}

TEST(Environment, WithoutMountsTheFileSystemIsUnknown) {
  EXPECT_EQ(file_system_of("", "/home"), std::nullopt);
  EXPECT_EQ(file_system_of("no line of the right form\n", "/home"), std::nullopt);
}

TEST(Environment, ReadsTheNameOfTheDistribution) {
  EXPECT_EQ(parse_pretty_name("NAME=\"Debian\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n"),
            "Debian GNU/Linux 12 (bookworm)");
  EXPECT_EQ(parse_pretty_name("PRETTY_NAME=Plain"), "Plain");
  EXPECT_EQ(parse_pretty_name("PRETTY_NAME='Single quotes'\n"), "Single quotes");
  EXPECT_EQ(parse_pretty_name("NAME=\"Debian\"\n"), std::nullopt);
}

TEST(Environment, ReadsTheProcessorsModel) {
  EXPECT_EQ(parse_cpu_model(
                "processor\t: 0\nmodel\t\t: 1\nmodel name\t: Some CPU @ 2.00GHz\nmodel name\t: Other\n"),
            "Some CPU @ 2.00GHz");
  EXPECT_EQ(parse_cpu_model("processor\t: 0\nBogoMIPS\t: 50.00\n"), std::nullopt);
}

TEST(Environment, TheBlockIsWhole) {
  const nlohmann::ordered_json block = environment_block("/proc");
  std::vector<std::string> keys;
  for (const auto& [key, value] : block.items()) keys.push_back(key);
  EXPECT_THAT(keys, testing::ElementsAre("kernel", "machine", "distribution", "cpu_model", "cpu_count",
                                         "memory_bytes", "file_system", "descriptor_limit_soft",
                                         "descriptor_limit_hard", "compiler", "build_type", "sanitizer",
                                         "commit", "hostname", "user", "home"));
}

TEST(Environment, TheBlockSaysWhatTheSystemSays) {
  const nlohmann::ordered_json block = environment_block("/proc");
  utsname system{};
  ::uname(&system);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(block["kernel"], std::string("Linux ") + system.release);
  EXPECT_EQ(block["hostname"], system.nodename);
  EXPECT_EQ(block["file_system"], "proc");
  EXPECT_EQ(block["descriptor_limit_soft"], limit.rlim_cur);
  EXPECT_GE(block["cpu_count"], 1);
  EXPECT_GT(block["memory_bytes"], 1 << 20);
  EXPECT_THAT(block["compiler"].get<std::string>(), testing::ContainsRegex("^(gcc|clang) [0-9]+\\."));
}

TEST(Environment, TheCommitIsOneOrSaysThatItIsUnknown) {
  EXPECT_THAT(environment_block("/")["commit"].get<std::string>(),
              testing::ContainsRegex("^([0-9a-f]{12,40}(-dirty)?|unknown)$"));
}

TEST(Environment, AFolderThatIsNotThereYetLiesWhereItsParentLies) {
  EXPECT_EQ(environment_block("/proc/self/nothing-there/run")["file_system"], "proc");
}

}  // namespace
}  // namespace walsoak::os
