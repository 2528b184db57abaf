#include "harness/base/os/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "tests/os/forked_child.h"

namespace walsoak::os {
namespace {

std::string read_to_end(int fd) {
  std::string text;
  char chunk[4096];
  for (ssize_t got = 0; (got = ::read(fd, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  return text;
}

// What the child writes to its fd 1; it must exit with 0.
std::string output_of(SpawnRequest request) {
  Pipe out = make_pipe();
  request.argv.insert(request.argv.begin(), SPAWNED_CHILD);
  request.descriptors[1] = out.write_end.get();
  const pid_t pid = spawn(request);
  out.write_end.reset();
  std::string text = read_to_end(out.read_end.get());
  EXPECT_TRUE(wait_for(pid).clean());
  return text;
}

// What every child of this test program gets, closed on exec by nobody: the line that `numbers` ends with.
std::string inherited_numbers() {
  std::string line;
  for (int fd = 5; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) == 0) line += std::to_string(fd) + " ";
  }
  return line;
}

Descriptor at_number(const Descriptor& from, int number) {
  return Descriptor(::fcntl(from.get(), F_DUPFD_CLOEXEC, number));
}

TEST(Process, ReportsExitCodeAndSignal) {
  const ExitStatus exited = wait_for(spawn({{SPAWNED_CHILD, "exit", "42"}, {}, {}}));
  EXPECT_EQ(exited.exit_code, 42);
  EXPECT_EQ(exited.signal, 0);
  const ExitStatus killed = wait_for(spawn({{SPAWNED_CHILD, "kill", std::to_string(SIGKILL)}, {}, {}}));
  EXPECT_EQ(killed.signal, SIGKILL);
  EXPECT_FALSE(killed.clean());
}

TEST(Process, NamesTheProgramThatCannotBeStarted) {
  try {
    spawn({{"/nonexistent/program"}, {}, {}});
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOENT);
    EXPECT_THAT(error.what(), testing::HasSubstr("/nonexistent/program"));
  }
}

TEST(Process, AChildMayHaveAnotherWorkingFolder) {
  const auto folder_of_child = [](const std::string& folder) {
    Pipe out = make_pipe();
    const pid_t pid = spawn({.argv = {"/bin/sh", "-c", "pwd -P"},
                             .environment = {},
                             .descriptors = {{1, out.write_end.get()}},
                             .folder = folder});
    out.write_end.reset();
    std::string text = read_to_end(out.read_end.get());
    EXPECT_TRUE(wait_for(pid).clean());
    return text;
  };
  EXPECT_EQ(folder_of_child("/proc"), "/proc\n");
  EXPECT_EQ(folder_of_child(""), std::filesystem::current_path().string() + "\n");
}

TEST(Process, TheEnvironmentIsLaidOverOurs) {
  ::setenv("WALSOAK_TEST_A", "ours", 1);
  EXPECT_EQ(output_of({{"environment", "WALSOAK_TEST_A"}, {}, {}}), "ours");
  EXPECT_EQ(output_of({{"environment", "WALSOAK_TEST_A"}, {{"WALSOAK_TEST_A", "laid over"}}, {}}),
            "laid over");
  EXPECT_EQ(output_of({{"environment", "WALSOAK_TEST_A"}, {{"WALSOAK_TEST_A", std::nullopt}}, {}}), "(none)");
  ::unsetenv("WALSOAK_TEST_A");
}

TEST(Process, WhatSomebodyLeftOpenIsNotInATableOfItsOwn) {
  const Pipe pipe = make_pipe();
  const int left_open = ::fcntl(pipe.read_end.get(), F_DUPFD, 300);  // without close-on-exec
  const int end = pipe.write_end.get();
  SpawnRequest request{.argv = {"numbers"}, .environment = {}, .descriptors = {{3, end}, {4, end}}};
  EXPECT_THAT(output_of(request), testing::HasSubstr(std::to_string(left_open)));
  request.own_table = true;
  EXPECT_EQ(output_of(request), "3 4 ");
  ::close(left_open);
}

// The numbers that the child gets are ours crosswise, and high ones: neither may overwrite the other on its
// way.
TEST(Process, DescriptorsArriveUnderTheChildsNumbersWhateverOursAre) {
  for (const int low : {3, 200, 500}) {
    Pipe three = make_pipe();
    Pipe four = make_pipe();
    Descriptor first = at_number(four.write_end, low);
    Descriptor second = at_number(three.write_end, low + 1);
    four.write_end.reset();
    three.write_end.reset();
    EXPECT_EQ(output_of({{"numbers"}, {}, {{4, first.get()}, {3, second.get()}}}),
              "3 4 " + inherited_numbers());
    first.reset();
    second.reset();
    EXPECT_EQ(read_to_end(three.read_end.get()), "three") << low;
    EXPECT_EQ(read_to_end(four.read_end.get()), "four") << low;
  }
}

// In a child, whose numbers 3 and 4 are free to be given out.
TEST(Process, DescriptorsThatSwapTheirNumbersDoNotMeet) {
  Pipe result = make_pipe();
  const tests::ForkedChild child([&] {
    Pipe three = make_pipe();
    Pipe four = make_pipe();
    const int high_three = ::fcntl(three.write_end.release(), F_DUPFD_CLOEXEC, 300);
    const int high_four = ::fcntl(four.write_end.release(), F_DUPFD_CLOEXEC, 300);
    const int out = ::fcntl(result.write_end.get(), F_DUPFD_CLOEXEC, 300);
    const int in_three = ::fcntl(three.read_end.get(), F_DUPFD_CLOEXEC, 300);
    const int in_four = ::fcntl(four.read_end.get(), F_DUPFD_CLOEXEC, 300);
    // Crosswise: our 4 is to be the child's 3, and our 3 its 4.
    ::dup3(high_three, 4, O_CLOEXEC);
    ::dup3(high_four, 3, O_CLOEXEC);
    wait_for(spawn({{SPAWNED_CHILD, "numbers"}, {}, {{1, out}, {3, 4}, {4, 3}}}));
    char text[16];
    write_all(out, text, static_cast<std::size_t>(::read(in_three, text, sizeof text)));
    write_all(out, "+", 1);
    write_all(out, text, static_cast<std::size_t>(::read(in_four, text, sizeof text)));
  });
  result.write_end.reset();
  char text[64];
  const ssize_t got = ::read(result.read_end.get(), text, sizeof text);
  ASSERT_GT(got, 0);
  EXPECT_THAT(std::string(text, static_cast<std::size_t>(got)), testing::HasSubstr("three+four"));
}

TEST(Process, ADescriptorMayKeepItsNumber) {
  Pipe three = make_pipe();
  Pipe four = make_pipe();
  Pipe result = make_pipe();
  const tests::ForkedChild child([&] {
    const int high_three = ::fcntl(three.write_end.get(), F_DUPFD_CLOEXEC, 300);
    const int high_four = ::fcntl(four.write_end.get(), F_DUPFD_CLOEXEC, 300);
    const int out = ::fcntl(result.write_end.get(), F_DUPFD_CLOEXEC, 300);
    ::dup3(high_three, 3, O_CLOEXEC);
    ::dup3(high_four, 4, O_CLOEXEC);
    const ExitStatus status = wait_for(spawn({{SPAWNED_CHILD, "numbers"}, {}, {{1, out}, {3, 3}, {4, 4}}}));
    write_all(out, status.clean() ? "ok" : "no", 2);
  });
  char text[64];
  const ssize_t got = ::read(result.read_end.get(), text, sizeof text);
  ASSERT_GT(got, 0);
  EXPECT_THAT(std::string(text, static_cast<std::size_t>(got)), testing::StartsWith("3 4 "));
}

TEST(Process, AChildStartsWithAllSignalsAtTheirDefaultAndNoneBlocked) {
  const auto before = ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &old);
  EXPECT_EQ(output_of({{"signals"}, {}, {}}), "");
  ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
  ::signal(SIGPIPE, before);
}

TEST(Process, TryWaitSeesARunningChildAsRunningAndReapsAnEndedOne) {
  tests::ForkedChild child([] {});
  EXPECT_FALSE(try_wait_for(child.pid()));
  child.end();
  ASSERT_TRUE(try_wait_for(child.pid()));
  EXPECT_THROW(try_wait_for(child.pid()), std::system_error);
}

TEST(Process, WaitingForAStrangerIsAnError) {
  EXPECT_THROW(wait_for(::getppid()), std::system_error);
}

TEST(Process, AliveCountsZombiesAndNoImpossiblePids) {
  tests::ForkedChild child([] {});
  EXPECT_TRUE(alive(child.pid()));
  child.end();
  EXPECT_TRUE(alive(child.pid()));
  child.reap();
  EXPECT_FALSE(alive(child.pid()));
  EXPECT_FALSE(alive(0));
  EXPECT_FALSE(alive(-1));
}

TEST(Process, StartTicksTellAProcessFromALaterOne) {
  const auto own = start_ticks(::getpid());
  ASSERT_TRUE(own);
  tests::ForkedChild child([] {});
  const auto first = start_ticks(child.pid());
  ASSERT_TRUE(first);
  EXPECT_GE(*first, *own);
  EXPECT_EQ(start_ticks(child.pid()), first);
  child.end();
  child.reap();
  EXPECT_FALSE(start_ticks(child.pid()));
}

TEST(Process, StartTicksDoNotStumbleOverTheProgramsName) {
  const auto plain = start_ticks(::getpid());
  const tests::ForkedChild child([] { ::prctl(PR_SET_NAME, "a ) 1\n2 3"); });
  const auto named = start_ticks(child.pid());
  ASSERT_TRUE(named);
  EXPECT_GE(*named, *plain);
}

TEST(Process, OwnPathIsTheProgram) {
  EXPECT_EQ(std::filesystem::path(own_path()).filename(), "os_test");
}

// ---- the limit of open files

std::int64_t soft_limit(pid_t pid = ::getpid()) {
  rlimit limit{};
  EXPECT_EQ(::prlimit(pid, RLIMIT_NOFILE, nullptr, &limit), 0);
  return static_cast<std::int64_t>(limit.rlim_cur);
}

class DescriptorLimit : public testing::Test {
 protected:
  ~DescriptorLimit() override {
    ::unsetenv(kDescriptorLimitVariable);
    set_descriptor_limit(::getpid(), before_);
  }
  const std::int64_t before_ = soft_limit();
};

TEST_F(DescriptorLimit, IsSetInAnotherProcessAndTheOneBeforeIsTold) {
  const tests::ForkedChild child([] {});
  EXPECT_EQ(set_descriptor_limit(child.pid(), 16), before_);
  EXPECT_EQ(soft_limit(child.pid()), 16);
  EXPECT_EQ(soft_limit(), before_) << "this process keeps its own";
  EXPECT_EQ(set_descriptor_limit(child.pid(), before_), 16);
  EXPECT_EQ(soft_limit(child.pid()), before_);
}

TEST_F(DescriptorLimit, AboveTheHardLimitSaysWhatIsAllowed) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  if (limit.rlim_max == RLIM_INFINITY) GTEST_SKIP() << "there is no hard limit";
  EXPECT_THAT([&] { set_descriptor_limit(::getpid(), static_cast<std::int64_t>(limit.rlim_max) + 1); },
              testing::ThrowsMessage<std::runtime_error>(
                  testing::HasSubstr("above the hard limit, " + std::to_string(limit.rlim_max))));
  EXPECT_EQ(soft_limit(), before_);
}

TEST_F(DescriptorLimit, OfAProcessThatIsGoneIsAnError) {
  pid_t gone = 0;
  {
    tests::ForkedChild child([] {});
    gone = child.pid();
  }
  EXPECT_THROW(set_descriptor_limit(gone, 16), std::system_error);
}

TEST_F(DescriptorLimit, IsRestoredFromTheVariableWhereThatIsSet) {
  set_descriptor_limit(::getpid(), 64);
  restore_descriptor_limit();
  EXPECT_EQ(soft_limit(), 64) << "nobody asked for another";
  ::setenv(kDescriptorLimitVariable, std::to_string(before_).c_str(), 1);
  restore_descriptor_limit();
  EXPECT_EQ(soft_limit(), before_);
}

}  // namespace
}  // namespace walsoak::os
