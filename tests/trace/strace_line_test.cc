#include "harness/field/strace/strace_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/field/strace/strace_reader.h"

namespace walsoak::trace {
namespace {

using ::testing::ElementsAre;

TEST(StraceLine, ACallHasThreadTimeAndText) {
  const StraceLine line = parse_strace_line("768   1795865489.000042 close(4</etc/ld.so.cache>) = 0");
  EXPECT_EQ(line.kind, StraceLine::Kind::call);
  EXPECT_EQ(line.tid, 768);
  EXPECT_EQ(line.t_us, 1795865489000042);
  EXPECT_EQ(line.text, "close(4</etc/ld.so.cache>) = 0");
}

TEST(StraceLine, SignalsAndOtherWordsAreNoCalls) {
  EXPECT_EQ(parse_strace_line("768 1.000000 --- SIGCHLD {si_signo=SIGCHLD} ---").kind,
            StraceLine::Kind::other);
  EXPECT_EQ(parse_strace_line("768 1.000000 +++ exited with 0 +++").kind, StraceLine::Kind::gone);
  EXPECT_EQ(parse_strace_line("strace: what is this").kind, StraceLine::Kind::other);
  EXPECT_EQ(parse_strace_line("").kind, StraceLine::Kind::other);
}

TEST(StraceLine, AThreadThatTakesOverTheProcess) {
  const StraceLine half =
      parse_strace_line("9 1.000000 execve(\"/a\", [\"a\"], 0x1 /* 3 vars */ <pid changed to 8 ...>");
  EXPECT_EQ(half.kind, StraceLine::Kind::begun);
  EXPECT_EQ(half.tid, 9);
  EXPECT_EQ(half.text, "execve(\"/a\", [\"a\"], 0x1 /* 3 vars */");
  const StraceLine taken = parse_strace_line("8 1.000000 +++ superseded by execve in pid 9 +++");
  EXPECT_EQ(taken.kind, StraceLine::Kind::superseded);
  EXPECT_EQ(taken.tid, 8);
  EXPECT_EQ(taken.by, 9);
  EXPECT_EQ(parse_strace_line("8 1.000000 +++ superseded +++").kind, StraceLine::Kind::other);
  EXPECT_EQ(parse_strace_line("8 1.000000 close(3</a <pid changed to 8 ...>>) = 0").kind,
            StraceLine::Kind::call);
}

TEST(StraceLine, DescriptorsHavePathsWithAnyByte) {
  const auto shown = parse_descriptor(R"(7</t/we\74i\76rd \"d/bo\nard, \\x) = .db>(deleted))");
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->fd, 7);
  EXPECT_EQ(shown->path, "/t/we<i>rd \"d/bo\nard, \\x) = .db");
  EXPECT_TRUE(shown->deleted);
  EXPECT_EQ(parse_descriptor("3")->path, "");
  EXPECT_FALSE(parse_descriptor("AT_FDCWD</tmp>"));
  EXPECT_FALSE(parse_descriptor("-1"));
}

TEST(StraceLine, ACallIsTakenApartWhateverItsStringsHold) {
  const auto call = parse_call(
      R"(openat(AT_FDCWD</t/a, b) = 1>, "x\") = 3, (", O_RDWR|O_CLOEXEC, 0644) = 6</t/x") = 3, (>)");
  ASSERT_TRUE(call);
  EXPECT_EQ(call->name, "openat");
  EXPECT_THAT(call->arguments,
              ElementsAre("AT_FDCWD</t/a, b) = 1>", R"("x\") = 3, (")", "O_RDWR|O_CLOEXEC", "0644"));
  EXPECT_EQ(call->result, 6);
  EXPECT_EQ(parse_descriptor(call->result_text)->path, "/t/x\") = 3, (");
}

TEST(StraceLine, FailedCallsAndThoseThatNeverReturn) {
  const auto failed = parse_call("close(5) = -1 EBADF (Bad file descriptor)");
  ASSERT_TRUE(failed);
  EXPECT_TRUE(failed->failed());
  EXPECT_FALSE(parse_call("exit_group(0)   = ?"));
  EXPECT_FALSE(parse_call("close(5</cut"));
  EXPECT_FALSE(parse_call("nothing"));
}

TEST(StraceLine, FieldsOfARequest) {
  const std::string request = "{l_type=F_RDLCK, l_whence=SEEK_SET, l_start=1073741826, l_len=510}";
  EXPECT_EQ(field_of(request, "l_type"), "F_RDLCK");
  EXPECT_EQ(field_of(request, "l_len"), "510");
  EXPECT_EQ(field_of(request, "len"), "");
  EXPECT_EQ(field_of(request, "l_pid"), "");
}

TEST(StraceLine, FramesOfAStack) {
  const auto frame = parse_frame("/usr/lib/libc.so.6(__close+0x14) [0x10e4f4]");
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->module, "/usr/lib/libc.so.6");
  EXPECT_EQ(frame->symbol, "__close");
  EXPECT_EQ(frame->offset, "0x10e4f4");
  const auto bare = parse_frame("/opt/a (b)/p [0x12]");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->module, "/opt/a (b)/p");
  EXPECT_EQ(bare->symbol, "");
  EXPECT_FALSE(parse_frame("unexpected_backtracing_error"));
}

// What the reader gives for a text that comes in pieces of `size` bytes.
std::vector<SystemCall> read(const std::string& text, bool stacks, std::size_t size = 7) {
  std::vector<SystemCall> calls;
  StraceReader reader(stacks,
                      {[](pid_t) {}, [&](const SystemCall& call) { calls.push_back(call); }, [](pid_t) {}});
  for (std::size_t at = 0; at < text.size(); at += size) reader.add(text.substr(at, size));
  reader.end();
  return calls;
}

TEST(StraceReader, HalvesAreJoinedAndBeganWithTheFirst) {
  const auto calls = read(
      "1 10.000001 fcntl(3</b>, F_SETLKW, {l_type=F_RDLCK, l_len=1} <unfinished ...>\n"
      "2 10.000002 close(4</b>) = 0\n"
      "1 10.000003 <... fcntl resumed>) = 0\n"
      "9 10.000004 <... close resumed>) = 0\n",
      false);
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].name, "close");
  EXPECT_EQ(calls[1].name, "fcntl");
  EXPECT_EQ(calls[1].began_us, 10000001);
  EXPECT_THAT(calls[1].arguments, ElementsAre("3</b>", "F_SETLKW", "{l_type=F_RDLCK, l_len=1}"));
}

TEST(StraceReader, TheEndOfACallIsThatOfTheThreadThatTookOver) {
  for (const std::string half : {"<pid changed to 8 ...>", "<unfinished ...>"}) {
    const auto calls = read(
        "8 10.000001 close(4</b> <unfinished ...>\n"
        "9 10.000002 execve(\"/a\", [\"a\"], 0x1 /* 3 vars */ " +
            half +
            "\n"
            "8 10.000003 +++ superseded by execve in pid 9 +++\n"
            "8 10.000004 <... execve resumed>) = 0\n"
            "8 10.000005 close(5</b>) = 0\n",
        false);
    ASSERT_EQ(calls.size(), 2U) << half;
    EXPECT_EQ(calls[0].name, "execve");
    EXPECT_EQ(calls[0].tid, 8);
    EXPECT_EQ(calls[0].began_us, 10000002);
    EXPECT_EQ(calls[1].name, "close");
  }
}

TEST(StraceReader, TheStackBelowACallIsItsOwn) {
  const auto calls = read(
      "1 10.000001 close(4</b>) = 0\n"
      " > /lib/libc.so.6(__close+0x14) [0x1]\n"
      " > /bin/p(main+0x1) [0x2]\n"
      "1 10.000002 close(5</b>) = 0\n"
      " > /bin/p(other+0x1) [0x3]\n",
      true);
  ASSERT_EQ(calls.size(), 2U);
  ASSERT_EQ(calls[0].stack.size(), 2U);
  EXPECT_EQ(calls[0].stack[1].symbol, "main");
  ASSERT_EQ(calls[1].stack.size(), 1U);
  EXPECT_EQ(calls[1].stack[0].symbol, "other");
}

}  // namespace
}  // namespace walsoak::trace
