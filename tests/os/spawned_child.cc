// What a spawned program sees, in a form that a test can read: `numbers` writes its open descriptors to fd 1
// and the name of each of 3 and 4 into it; `environment NAME` its value; `exit N`; `kill N` a signal to
// itself; `signals` those that are ignored or blocked.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  const std::string operand = argc > 2 ? argv[2] : "";
  if (mode == "exit") return std::stoi(operand);
  if (mode == "kill") return ::raise(std::stoi(operand));
  if (mode == "environment") {
    const char* value = std::getenv(operand.c_str());
    std::printf("%s", value ? value : "(none)");
  }
  if (mode == "numbers") {
    for (int fd = 3; fd < 1024; ++fd) {
      if (::fcntl(fd, F_GETFD) >= 0) std::printf("%d ", fd);
    }
    if (::write(3, "three", 5) != 5 || ::write(4, "four", 4) != 4) return 1;
  }
  if (mode == "signals") {
    sigset_t blocked;
    ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM}) {
      struct sigaction action {};
      ::sigaction(number, nullptr, &action);
      if (action.sa_handler != SIG_DFL || sigismember(&blocked, number)) std::printf("%d ", number);
    }
  }
  return 0;
}
