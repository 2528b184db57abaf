#include "harness/protocol/leash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "harness/protocol/message.h"

namespace walsoak::protocol {

void watch_leash() {
  struct stat leash {};
  if (::fstat(kLeashDescriptor, &leash) != 0 || !S_ISFIFO(leash.st_mode)) return;
  ::fcntl(kLeashDescriptor, F_SETFD, FD_CLOEXEC);
  std::thread([] {
    char byte;
    for (;;) {
      const ssize_t got = ::read(kLeashDescriptor, &byte, 1);
      if (got == 0) ::_exit(4);
      if (got < 0 && errno != EINTR) return;
    }
  }).detach();
}

}  // namespace walsoak::protocol
