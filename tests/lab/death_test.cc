// How processes end: what was ordered and what was not, and the last words of one that dies in the middle of
// a conversation.
#include "harness/lab/launch/death.h"
#include "harness/lab/launch/peer_ended.h"

#include <fcntl.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "harness/lab/launch/child.h"
#include "harness/lab/launch/last_line.h"
#include "tests/lab/peers.h"
#include "tests/os/temporary_folder.h"

namespace walsoak::lab {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

constexpr os::ExitStatus kClean{0, 0}, kExit7{7, 0}, kKilled{0, SIGKILL}, kCrashed{0, SIGSEGV};

TEST(DeathOrderTest, OnlyAKillThatWasDueIsOrdered) {
  EXPECT_TRUE(ended_as_ordered(kKilled, true, false));
  EXPECT_FALSE(ended_as_ordered(kKilled, false, false)) << "the kernel's, out of memory";
  EXPECT_FALSE(ended_as_ordered(kKilled, false, true));
  for (const bool kill_ordered : {false, true}) {
    EXPECT_FALSE(ended_as_ordered(kCrashed, kill_ordered, false));
    EXPECT_FALSE(ended_as_ordered(kExit7, kill_ordered, true));
    EXPECT_FALSE(ended_as_ordered(kClean, kill_ordered, false)) << "left in the middle";
    EXPECT_TRUE(ended_as_ordered(kClean, kill_ordered, true));
  }
  EXPECT_TRUE(ended_as_ordered(std::nullopt, false, true)) << "nobody tells, but it has said bye";
  EXPECT_FALSE(ended_as_ordered(std::nullopt, true, false));
}

TEST(DeathOrderTest, SignalsHaveNames) {
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(signal_name(SIGABRT), "SIGABRT");
  EXPECT_EQ(signal_name(SIGBUS), "SIGBUS");
  EXPECT_EQ(signal_name(63), "signal 63");
}

TEST(DeathOrderTest, AStatusThatIsNotToldIsNotKnown) {
  const protocol::Message told = {{"exit_code", 0}, {"signal", 11}};
  EXPECT_EQ(reaped_status(told).value().signal, 11);
  EXPECT_FALSE(reaped_status(protocol::Message::object()));
  EXPECT_FALSE(reaped_status({{"exit_code", nullptr}, {"signal", "SEGV"}}));
}

class LastLineTest : public testing::Test {
 protected:
  std::string last_line_of_text(const std::string& text) const {
    const fs::path file = folder_.path() / "log";
    std::ofstream(file, std::ios::binary) << text;
    return last_line_of(file);
  }
  tests::TemporaryFolder folder_;
};

TEST_F(LastLineTest, IsTheLastThatIsNotBlank) {
  EXPECT_EQ(last_line_of_text("first\nlast\n\n  \n"), "last");
  EXPECT_EQ(last_line_of_text("terminate called\n  what():  map::at\n"), "what():  map::at");
  EXPECT_EQ(last_line_of_text(""), "");
  EXPECT_EQ(last_line_of("/no/such/file"), "");
}

TEST_F(LastLineTest, IsFitForATerminalAndForJson) {
  EXPECT_EQ(last_line_of_text("a\x1b[31mred\tb\n"), "a [31mred b");
  EXPECT_EQ(last_line_of_text("no \xff UTF-8"), "no \xEF\xBF\xBD UTF-8");
  const std::string line = last_line_of_text(std::string(100000, 'x'));
  EXPECT_LT(line.size(), 300u);
  EXPECT_THAT(line, testing::EndsWith("..."));
}

// A child in shell: it says hello, awaits a message and does what the script says.
class DyingChildTest : public testing::Test {
 protected:
  Child::Plan plan(const std::string& script) const {
    const fs::path log = folder_.path() / "subject.log";
    std::ofstream(log).flush();
    return {.name = "subject",
            .role = "subject",
            .argv = {"/bin/sh", "-c", script},
            .environment = {},
            .log = os::Descriptor(::open(log.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)),
            .log_path = log,
            .on_event = {}};
  }
  static std::string after_hello(const std::string& script) {
    return "echo '{\"walsoak\":1,\"type\":\"hello\"}'; read line; " + script;
  }
  // The PeerEnded that a step runs into.
  PeerEnded end_of(const std::string& script) const {
    Child child(plan(after_hello(script)));
    try {
      child.peer().call(message("step", 1), kPatienceMs);
    } catch (const PeerEnded& ended) {
      return ended;
    }
    return PeerEnded("nothing was thrown");
  }
  tests::TemporaryFolder folder_;
};

TEST_F(DyingChildTest, ACrashIsNamedWithItsSignalAndLastLine) {
  const PeerEnded ended = end_of("echo first >&2; echo 'what():  map::at' >&2; kill -ABRT $$");
  EXPECT_EQ(
      std::string(ended.what()),
      "subject ended in mid-conversation: killed by SIGABRT; last line of its stderr: \"what():  map::at\"");
  ASSERT_TRUE(ended.death());
  EXPECT_EQ(ended.death()->signal, "SIGABRT");
  EXPECT_EQ(ended.death()->role, "subject");
  EXPECT_GT(ended.death()->pid, 0);
}

TEST_F(DyingChildTest, SoIsAnExit) {
  EXPECT_THAT(end_of("exit 7").what(), HasSubstr(": exit code 7; nothing on its stderr"));
  EXPECT_THAT(end_of("exit 0").what(), HasSubstr("ended in mid-conversation: exit code 0"));
  EXPECT_THAT(end_of("kill -SEGV $$").what(), HasSubstr("killed by SIGSEGV"));
}

TEST_F(DyingChildTest, OneThatNeverSaysHelloIsNamedTheSameWay) {
  EXPECT_EQ(
      thrown<PeerEnded>([&] { const Child child(plan("echo 'no such module' >&2; exit 3")); }),
      "subject did not begin with a hello: subject ended in mid-conversation: exit code 3; last line of "
      "its stderr: \"no such module\"");
  EXPECT_THAT(thrown<Failed>([&] { const Child child(plan("echo '{\"walsoak\":1,\"type\":\"done\"}'")); }),
              AllOf(HasSubstr("expected its hello, found {"), HasSubstr("\"done\"")));
}

TEST_F(DyingChildTest, OneThatEndsBadlyAfterItsByeHasADeathAndItsBye) {
  const std::string bye = "echo '{\"walsoak\":1,\"type\":\"bye\"}'; echo leak >&2; exit 23";
  Child child(plan(after_hello(bye)));
  const Child::Ended ended = child.stop(kPatienceMs);
  EXPECT_EQ(ended.bye.at("type"), "bye");
  ASSERT_TRUE(ended.death);
  EXPECT_EQ(ended.death->how(), "exit code 23; last line of its stderr: \"leak\"");
}

TEST_F(DyingChildTest, OneThatEndsWellHasNone) {
  Child child(plan(after_hello("echo '{\"walsoak\":1,\"type\":\"bye\"}'")));
  EXPECT_FALSE(child.stop(kPatienceMs).death);
}

}  // namespace
}  // namespace walsoak::lab
