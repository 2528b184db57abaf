#include "harness/base/os/proc_text.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {
namespace {

// The kernel says ESRCH where a file of /proc was opened in time and its process then ended.
bool is_gone(int error) {
  return error == ENOENT || error == ESRCH;
}

}  // namespace

std::optional<std::string> read_proc_text(const std::string& path, int folder_fd) {
  const Descriptor file(::openat(folder_fd, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (is_gone(errno)) return std::nullopt;
    throw std::system_error(errno, std::generic_category(), path);
  }
  std::string text;
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got == 0) return text;
    if (got > 0) {
      text.append(chunk, static_cast<std::size_t>(got));
    } else if (is_gone(errno)) {
      return std::nullopt;
    } else if (errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), path);
    }
  }
}

}  // namespace walsoak::os
