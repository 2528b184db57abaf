// Runs a function in a child process whose root folder is a folder of the test. There "/" may be handed to a
// destructive call: where the guard under test fails, only that folder is lost.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

namespace walsoak::tests {

// Whether this process may change its root folder (CAP_SYS_CHROOT): ask before run_in_own_root.
inline bool may_have_own_root() {
  return ::geteuid() == 0;
}

// True where `act` was called below the new root and returned true. `act` is not called where the root of the
// child did not become `root`. The child takes no part in the test: what it expects, it returns.
inline bool run_in_own_root(const std::filesystem::path& root, const std::function<bool()>& act) {
  struct stat wanted {};
  if (::stat(root.c_str(), &wanted) != 0) return false;
  const pid_t child = ::fork();
  if (child == 0) {
    struct stat now {};
    const bool entered = ::chroot(root.c_str()) == 0 && ::chdir("/") == 0 && ::stat("/", &now) == 0 &&
                         now.st_dev == wanted.st_dev && now.st_ino == wanted.st_ino;
    bool good = false;
    try {
      good = entered && act();
    } catch (...) {
    }
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace walsoak::tests
