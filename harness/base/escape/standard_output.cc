#include "harness/base/escape/standard_output.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <system_error>

#include "harness/base/escape/terminal.h"

namespace walsoak::escape {
namespace {

int g_error = 0;  // of the first write that failed

void note_failure() {
  if (g_error == 0) g_error = errno != 0 ? errno : EIO;
}

// EBADF is the number of a stream that was closed, or open for reading alone (hold_standard_streams).
std::string reason(int error) {
  if (error == EBADF) return "it is closed; redirect it to a file or to /dev/null";
  return std::generic_category().message(error);
}

// The exit code that a signal gives outweighs 4 (walsoak --help has the order).
int with_output(const std::string& name, int exit_code) {
  if (flush_output() || g_error == EPIPE) return exit_code;
  print(stderr, "{}: standard output: {}\n", name, reason(g_error));
  return std::max(exit_code, kExitNotCarriedOut);
}

}  // namespace

void write_output(std::string_view text) {
  if (g_error != 0) return;
  errno = 0;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) note_failure();
}

bool flush_output() {
  errno = 0;
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) note_failure();
  return g_error == 0;
}

void hold_standard_streams() {
  // The lowest number is taken, so that in this order each gets its own.
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    ::open("/dev/null", (stream == STDERR_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
  }
}

int run_main(const std::string& name, const std::function<int()>& body) {
  hold_standard_streams();
  ::signal(SIGPIPE, SIG_IGN);
  int code = kExitNotCarriedOut;
  try {
    code = body();
  } catch (const std::exception& error) {
    print(stderr, "{}: {}\n", name, error.what());
  } catch (...) {
    print(stderr, "{}: an exception of an unknown type\n", name);
  }
  return with_output(name, code);
}

}  // namespace walsoak::escape
