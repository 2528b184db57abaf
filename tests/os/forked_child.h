// A real process that does something, holds still to be looked at, and ends with the test.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

#include "harness/base/os/descriptor.h"

namespace walsoak::tests {

class ForkedChild {
 public:
  // Runs `act` in the child and returns when it is through; the child then waits until it is ended.
  explicit ForkedChild(const std::function<void()>& act) {
    os::Pipe ready = os::make_pipe();
    os::Pipe hold = os::make_pipe();
    pid_ = ::fork();
    if (pid_ == 0) {
      hold.write_end.reset();
      try {
        act();
      } catch (...) {
        ::_exit(1);
      }
      char byte = 'r';
      if (::write(ready.write_end.get(), &byte, 1) != 1) ::_exit(1);
      while (::read(hold.read_end.get(), &byte, 1) < 0) {
      }
      ::_exit(0);
    }
    ready.write_end.reset();
    char byte = 0;
    EXPECT_EQ(::read(ready.read_end.get(), &byte, 1), 1) << "the child failed before it was ready";
    hold_ = std::move(hold.write_end);
  }
  ForkedChild(const ForkedChild&) = delete;
  ForkedChild& operator=(const ForkedChild&) = delete;
  ~ForkedChild() {
    hold_.reset();
    if (!reaped_) reap();
  }

  pid_t pid() const { return pid_; }

  // Ends the child and waits until it is a zombie, which it stays until reap().
  void end() {
    hold_.reset();
    siginfo_t info{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  void reap() {
    ::waitpid(pid_, nullptr, 0);
    reaped_ = true;
  }

 private:
  pid_t pid_ = -1;
  os::Descriptor hold_;
  bool reaped_ = false;
};

}  // namespace walsoak::tests
