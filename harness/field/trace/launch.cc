#include "harness/field/trace/launch.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/process.h"
#include "harness/base/os/signals.h"
#include "harness/field/preload/channel.h"

namespace walsoak::trace {
namespace {

// Ours comes last: what the program preloads anyway stays in front of it.
std::string preload_list(const std::filesystem::path& library) {
  const char* const already = std::getenv("LD_PRELOAD");
  if (already == nullptr || *already == '\0') return library.string();
  return std::string(already) + ":" + library.string();
}

// Whether the terminal itself sends Ctrl-C to the program: it is in the group in the foreground, as we are.
bool terminal_tells() {
  return ::isatty(STDIN_FILENO) == 1 && ::tcgetpgrp(STDIN_FILENO) == ::getpgrp();
}

// Blocks until the process has ended or a signal to stop has come. Where the kernel has no pidfd (before 5.3)
// the end is all that is awaited.
void await_end_or_signal(pid_t pid) {
  const os::Descriptor end(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!end.valid()) return;
  pollfd watched[] = {{end.get(), POLLIN, 0}, {os::stop_descriptor(), POLLIN, 0}};
  while (::poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

int run_traced(const Launch& launch) {
  os::SpawnRequest request{.argv = launch.command, .environment = {}, .descriptors = {}, .own_group = false};
  request.environment["LD_PRELOAD"] = preload_list(launch.preload);
  request.environment[kEventFileVariable] = launch.events.string();
  request.environment[kNoFollowVariable] = launch.follow ? std::nullopt : std::optional<std::string>("1");
  request.descriptors = {{0, 0}, {1, 1}, {2, 2}};
  const pid_t pid = os::spawn(request);
  await_end_or_signal(pid);
  const int signal = os::stop_signal();
  if (signal == SIGTERM || (signal == SIGINT && !terminal_tells())) ::kill(pid, signal);
  const os::ExitStatus status = os::wait_for(pid);
  return status.signal != 0 ? 128 + status.signal : status.exit_code;
}

}  // namespace walsoak::trace
