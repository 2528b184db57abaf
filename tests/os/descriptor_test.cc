#include "harness/base/os/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <thread>

namespace walsoak::os {
namespace {

bool is_open(int fd) {
  return ::fcntl(fd, F_GETFD) >= 0;
}

TEST(Descriptor, ClosesAtTheEndOfItsScope) {
  int fd = -1;
  {
    const Descriptor descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    fd = descriptor.get();
    EXPECT_TRUE(is_open(fd));
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(Descriptor, MovingHandsTheDescriptorOnAndClosesTheOneThatWasThere) {
  Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  Descriptor other(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int kept = one.get();
  const int closed = other.get();
  other = std::move(one);
  EXPECT_EQ(other.get(), kept);
  EXPECT_FALSE(one.valid());
  EXPECT_TRUE(is_open(kept));
  EXPECT_FALSE(is_open(closed));
}

TEST(Descriptor, ReleaseGivesItAwayOpen) {
  Descriptor descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int fd = descriptor.release();
  descriptor.reset();
  EXPECT_TRUE(is_open(fd));
  ::close(fd);
}

TEST(Descriptor, PipesAreCloseOnExec) {
  const Pipe pipe = make_pipe();
  EXPECT_EQ(::fcntl(pipe.read_end.get(), F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(::fcntl(pipe.write_end.get(), F_GETFD), FD_CLOEXEC);
}

TEST(Descriptor, WriteAllWritesMoreThanAPipeHolds) {
  Pipe pipe = make_pipe();
  const std::string sent(1 << 20, 'x');
  std::string received;
  std::thread reader([&] {
    char chunk[4096];
    for (ssize_t got = 0; (got = ::read(pipe.read_end.get(), chunk, sizeof chunk)) > 0;) {
      received.append(chunk, static_cast<std::size_t>(got));
    }
  });
  write_all(pipe.write_end.get(), sent.data(), sent.size());
  pipe.write_end.reset();
  reader.join();
  EXPECT_EQ(received.size(), sent.size());
}

TEST(Descriptor, WriteAllSaysThatTheReaderIsGone) {
  ::signal(SIGPIPE, SIG_IGN);
  Pipe pipe = make_pipe();
  pipe.read_end.reset();
  try {
    write_all(pipe.write_end.get(), "x", 1);
    FAIL() << "nothing was thrown";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), EPIPE);
  }
}

}  // namespace
}  // namespace walsoak::os
