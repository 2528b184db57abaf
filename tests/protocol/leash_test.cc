#include "harness/protocol/leash.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/process.h"

namespace walsoak::protocol {
namespace {

// Starts the peer on a leash and returns when it is watching; `out` is then at its fd 1.
pid_t start_on(const os::Descriptor& leash, std::string& said) {
  os::Pipe out = os::make_pipe();
  const pid_t pid = os::spawn({{PROTOCOL_PEER, "leash"}, {}, {{1, out.write_end.get()}, {3, leash.get()}}});
  out.write_end.reset();
  char text[32];
  const ssize_t got = ::read(out.read_end.get(), text, sizeof text);
  said.assign(text, got > 0 ? static_cast<std::size_t>(got) : 0);
  return pid;
}

TEST(Leash, AProcessEndsWithCodeFourWhenItsHolderIsGone) {
  os::Pipe leash = os::make_pipe();
  std::string said;
  const pid_t pid = start_on(leash.read_end, said);
  EXPECT_EQ(said, "ready") << "the leash must be close-on-exec once it is watched";
  EXPECT_FALSE(os::try_wait_for(pid));
  leash.write_end.reset();
  const os::ExitStatus status = os::wait_for(pid);
  EXPECT_EQ(status.exit_code, 4);
  EXPECT_EQ(status.signal, 0);
}

TEST(Leash, AByteOnTheLeashIsNotItsEnd) {
  os::Pipe leash = os::make_pipe();
  std::string said;
  const pid_t pid = start_on(leash.read_end, said);
  os::write_all(leash.write_end.get(), "x", 1);
  EXPECT_FALSE(os::try_wait_for(pid));
  leash.write_end.reset();
  EXPECT_EQ(os::wait_for(pid).exit_code, 4);
}

TEST(Leash, SeveralProcessesHangOnOne) {
  os::Pipe leash = os::make_pipe();
  std::string said;
  const pid_t first = start_on(leash.read_end, said);
  const pid_t second = start_on(leash.read_end, said);
  leash.write_end.reset();
  EXPECT_EQ(os::wait_for(first).exit_code, 4);
  EXPECT_EQ(os::wait_for(second).exit_code, 4);
}

// A program started by hand: descriptor 3 is whatever the shell left there, at its end-of-file or not.
TEST(Leash, ADescriptorThatIsNoPipeIsNoLeash) {
  const os::Descriptor file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  std::string said;
  const pid_t pid = start_on(file, said);
  // Not taken for a leash, so left as it is: had it been, the process would read its end-of-file and exit.
  EXPECT_EQ(said, "leash would leak");
  EXPECT_FALSE(os::try_wait_for(pid));
  ::kill(pid, SIGKILL);
  EXPECT_EQ(os::wait_for(pid).signal, SIGKILL);
}

TEST(Leash, AProgramMayRunWithoutOne) {
  EXPECT_EQ(os::wait_for(os::spawn({{PROTOCOL_PEER, "leash-and-go"}, {}, {}})).exit_code, 7);
}

}  // namespace
}  // namespace walsoak::protocol
