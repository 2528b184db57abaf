#include "harness/protocol/channel.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace walsoak::protocol {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

os::Descriptor move_high(int fd) {
  const int moved = ::fcntl(fd, F_DUPFD_CLOEXEC, 10);
  if (moved < 0) fail("fcntl F_DUPFD_CLOEXEC");
  return os::Descriptor(moved);
}

}  // namespace

Channel::Channel(os::Descriptor read_from, os::Descriptor write_to,
                 std::function<void(std::string_view)> stray)
    : read_(std::move(read_from)), write_(std::move(write_to)), stray_(std::move(stray)) {}

void Channel::send(const Message& message) {
  const std::string line = to_line(message);
  const std::lock_guard lock(*writing_);
  os::write_all(write_.valid() ? write_.get() : read_.get(), line.data(), line.size());
}

std::optional<Message> Channel::take_buffered() {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end == std::string::npos) return std::nullopt;
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    if (auto message = parse(line)) {
      last_line_ = std::move(line);
      return message;
    }
    if (stray_) stray_(line);
  }
}

bool Channel::fill() {
  char chunk[65536];
  for (;;) {
    const ssize_t got = ::read(read_.get(), chunk, sizeof chunk);
    if (got > 0) {
      buffer_.append(chunk, static_cast<std::size_t>(got));
      return true;
    }
    // A killed peer resets its socket where bytes were unread: the same end as a clean one.
    if (got == 0 || errno == ECONNRESET) {
      // A line without its end is no message, but may be the last words of a program that crashed.
      if (stray_ && !buffer_.empty()) stray_(buffer_);
      buffer_.clear();
      return false;
    }
    if (errno != EINTR) fail("read");
  }
}

std::optional<Message> Channel::receive() {
  for (;;) {
    if (auto message = take_buffered()) return message;
    if (!fill()) return std::nullopt;
  }
}

Channel take_standard_streams() {
  ::signal(SIGPIPE, SIG_IGN);
  os::Descriptor in = move_high(STDIN_FILENO);
  os::Descriptor out = move_high(STDOUT_FILENO);
  if (::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) fail("dup2");
  const os::Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (!nothing.valid() || ::dup2(nothing.get(), STDIN_FILENO) < 0) fail("/dev/null");
  return {std::move(in), std::move(out)};
}

Channel connect_to(const std::string& socket_path) {
  ::signal(SIGPIPE, SIG_IGN);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    fail(socket_path);
  }
  std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
  os::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) fail("socket");
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail(socket_path);
  return {std::move(socket), os::Descriptor()};
}

}  // namespace walsoak::protocol
