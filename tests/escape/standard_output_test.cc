#include "harness/base/escape/standard_output.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

#include "harness/base/os/descriptor.h"

namespace walsoak::escape {
namespace {

struct Ended {
  int code;
  std::string said;  // on stderr
};

// run_main in a child whose standard output `prepare` has changed.
Ended ended(const std::function<void()>& prepare, const std::function<int()>& body) {
  os::Pipe err = os::make_pipe();
  std::fflush(stdout);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(err.write_end.get(), STDERR_FILENO);
    prepare();
    ::_exit(run_main("tool", body));
  }
  err.write_end.reset();
  Ended result{};
  char bytes[512];
  for (ssize_t got; (got = ::read(err.read_end.get(), bytes, sizeof bytes)) > 0;) {
    result.said.append(bytes, static_cast<std::size_t>(got));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  result.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

void onto(const char* path) {
  ::dup2(::open(path, O_WRONLY), STDOUT_FILENO);
}

// More than any buffer of stdio's.
int print_much() {
  for (int i = 0; i < 10000; ++i) write_output("a line of output\n");
  return 1;
}

TEST(RunMain, GivesTheCodeOfItsBody) {
  const Ended end = ended([] { onto("/dev/null"); }, print_much);
  EXPECT_EQ(end.code, 1);
  EXPECT_EQ(end.said, "");
}

TEST(RunMain, AFullDiskIsOneLineAndCode4) {
  const auto full = [] { onto("/dev/full"); };
  for (const auto& body : {std::function<int()>(print_much), std::function<int()>([] {
                             write_output("a line");
                             return 0;
                           })}) {
    const Ended end = ended(full, body);
    EXPECT_EQ(end.code, 4);
    EXPECT_EQ(end.said, "tool: standard output: No space left on device\n");
  }
  EXPECT_EQ(ended(full, [] { return 0; }).code, 0) << "nothing was printed";
}

TEST(RunMain, AClosedOutputIsOneLineAndCode4) {
  const Ended end = ended([] { ::close(STDOUT_FILENO); }, print_much);
  EXPECT_EQ(end.code, 4);
  EXPECT_EQ(end.said, "tool: standard output: it is closed; redirect it to a file or to /dev/null\n");
}

TEST(RunMain, AReaderThatWentAwayIsNoError) {
  const Ended end = ended(
      [] {
        os::Pipe pipe = os::make_pipe();
        ::dup2(pipe.write_end.get(), STDOUT_FILENO);
      },
      print_much);
  EXPECT_EQ(end.code, 1);
  EXPECT_EQ(end.said, "");
}

TEST(RunMain, WhateverIsThrownIsOneLineAndCode4) {
  const Ended known = ended([] {}, []() -> int { throw std::runtime_error("no such thing"); });
  EXPECT_EQ(known.code, 4);
  EXPECT_EQ(known.said, "tool: no such thing\n");
  const Ended unknown = ended([] {}, []() -> int { throw 7; });
  EXPECT_EQ(unknown.code, 4);
  EXPECT_EQ(unknown.said, "tool: an exception of an unknown type\n");
}

TEST(RunMain, ASignalsCodeOutweighsTheOutput) {
  EXPECT_EQ(ended([] { onto("/dev/full"); },
                  [] {
                    write_output("x");
                    return 130;
                  })
                .code,
            130);
}

TEST(HoldStandardStreams, NoFileThatIsOpenedTakesTheirNumbers) {
  const Ended end = ended(
      [] {
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) ::close(stream);
      },
      [] {
        const os::Descriptor file(::open("/dev/null", O_WRONLY | O_CLOEXEC));
        const bool apart = file.get() > STDERR_FILENO;
        const bool closed_for_others = (::fcntl(STDOUT_FILENO, F_GETFD) & FD_CLOEXEC) != 0;
        char byte = 0;
        return apart && closed_for_others && ::read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1;
      });
  EXPECT_EQ(end.code, 0);
}

}  // namespace
}  // namespace walsoak::escape
