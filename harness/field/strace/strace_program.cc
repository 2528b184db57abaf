#include "harness/field/strace/strace_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "harness/base/os/process.h"
#include "harness/base/os/signals.h"
#include "harness/base/proc/process_status.h"

namespace walsoak::trace {
namespace {

constexpr int kTextDescriptor = 3;  // in strace
constexpr int kPipeBytes = 1 << 20;
constexpr int kGiveUpMs = 10000;
// ?: an architecture may not have it.
constexpr const char* kCalls =
    "trace=?open,openat,?openat2,?creat,?open_by_handle_at,close,?close_range,dup,?dup2,dup3,fcntl,?fcntl64,"
    "clone,?clone3,?fork,?vfork,execve,?execveat";

std::string read_now(int fd, bool& ended) {
  std::string text;
  char bytes[65536];
  for (;;) {
    const ssize_t got = ::read(fd, bytes, sizeof bytes);
    if (got > 0) {
      text.append(bytes, static_cast<std::size_t>(got));
    } else if (got == 0 || errno != EINTR) {
      ended = ended || got == 0;
      return text;
    }
  }
}

void set_nonblocking(const os::Descriptor& descriptor) {
  ::fcntl(descriptor.get(), F_SETFL, O_NONBLOCK);
}

std::string why_refused(pid_t target, const std::string& said) {
  if (const auto tracer = os::status_number(target, "TracerPid:").value_or(0); tracer != 0) {
    return fmt::format("--pid {}: process {} traces it already, and there can be only one", target, tracer);
  }
  return fmt::format(
      "--pid {}: strace cannot attach ({}); run it as root, or as the same user where "
      "kernel.yama.ptrace_scope is "
      "0 (sysctl); a container needs --cap-add SYS_PTRACE, or attach from the host",
      target, said);
}

}  // namespace

Strace::Strace(const std::filesystem::path& program, pid_t pid, bool stacks) {
  os::Pipe output = os::make_pipe(), messages = os::make_pipe();
  ::fcntl(output.write_end.get(), F_SETPIPE_SZ, kPipeBytes);  // held up, strace holds up the process
  const os::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  os::SpawnRequest request{.argv = {program.string(), "-f", "-ttt", "-y", "-e", kCalls, "-o",
                                    fmt::format("/proc/self/fd/{}", kTextDescriptor)},
                           .environment = {{"LC_ALL", "C"}},
                           .descriptors = {},
                           // Ctrl-C is for us: we then let go of the process in good order.
                           .own_group = true};
  if (stacks) request.argv.push_back("-k");
  request.argv.insert(request.argv.end(), {"-p", std::to_string(pid)});
  request.descriptors = {{0, nothing.get()},
                         {1, messages.write_end.get()},
                         {2, messages.write_end.get()},
                         {kTextDescriptor, output.write_end.get()}};
  pid_ = os::spawn(request);
  output_ = std::move(output.read_end);
  messages_ = std::move(messages.read_end);
  set_nonblocking(output_);
  set_nonblocking(messages_);
  output.write_end.reset();
  messages.write_end.reset();
  try {
    await_attached(pid);
  } catch (...) {
    reap();
    throw;
  }
}

Strace::~Strace() {
  reap();
}

void Strace::await_attached(pid_t target) {
  bool over = false;
  while (all_messages_.find(" attached") == std::string::npos) {
    pollfd watched[] = {{messages_.get(), POLLIN, 0}, {os::stop_descriptor(), POLLIN, 0}};
    ::poll(watched, 2, -1);
    if (os::stop_signal() != 0) return;
    all_messages_ += read_now(messages_.get(), over);
    if (!over) continue;
    std::string said = all_messages_.substr(0, all_messages_.find('\n'));
    if (const std::size_t colon = said.rfind(": "); colon != std::string::npos) said.erase(0, colon + 2);
    throw std::runtime_error(why_refused(target, said));
  }
}

std::string Strace::read() {
  return read_now(output_.get(), text_ended_);
}

void Strace::read_messages() {
  bool over = false;
  const std::string text = read_now(messages_.get(), over);
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return;
  const std::size_t from = text.rfind('\n', end);
  last_message_ =
      text.substr(from == std::string::npos ? 0 : from + 1, end - (from == std::string::npos ? 0 : from));
}

void Strace::pause() {
  if (reaped_ || ::kill(pid_, SIGSTOP) != 0) return;
  int status = 0;
  while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
  }
  paused_ = WIFSTOPPED(status);
  reaped_ = !paused_;
}

void Strace::resume() {
  if (std::exchange(paused_, false)) ::kill(pid_, SIGCONT);
}

void Strace::detach() {
  resume();
  if (!reaped_) ::kill(pid_, SIGINT);
}

void Strace::reap() {
  if (reaped_ || pid_ == 0) return;
  detach();
  const os::Descriptor life = os::life_of(pid_);
  pollfd watched{life.get(), POLLIN, 0};
  // A thread that cannot be interrupted holds it up; without strace the kernel lets go of that one, too.
  if (!life.valid() || ::poll(&watched, 1, kGiveUpMs) != 1) ::kill(pid_, SIGKILL);
  os::wait_for(pid_);
  reaped_ = true;
}

}  // namespace walsoak::trace
