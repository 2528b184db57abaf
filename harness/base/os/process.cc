#include "harness/base/os/process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "harness/base/os/descriptor.h"
#include "harness/base/os/proc_text.h"

extern char** environ;

namespace walsoak::os {
namespace {

std::vector<std::string> merged_environment(const SpawnRequest& request) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!request.environment.contains(text.substr(0, text.find('=')))) merged.push_back(text);
  }
  for (const auto& [name, value] : request.environment) {
    if (value) merged.push_back(name + "=" + *value);
  }
  return merged;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// The text of /proc/<pid>/stat from its third field on (the second, the program's name in parentheses, may
// hold anything); empty if there is no such process.
std::string stat_fields(pid_t pid) {
  const std::string text = read_proc_text("/proc/" + std::to_string(pid) + "/stat").value_or("");
  const std::size_t name_end = text.rfind(')');
  return name_end == std::string::npos || name_end + 2 > text.size() ? std::string()
                                                                     : text.substr(name_end + 2);
}

// The same plan with every source that is also some other entry's target, and would be overwritten before its
// turn, copied out of the way. Only those are: a process that has run out of descriptors can still hand its
// leash on.
std::map<int, int> unshadowed(std::map<int, int> plan, std::vector<Descriptor>& copies) {
  if (plan.empty()) return plan;
  const int above = plan.rbegin()->first + 1;
  const std::map<int, int> original = plan;
  for (auto& [child_fd, own_fd] : plan) {
    if (own_fd == child_fd || !original.contains(own_fd)) continue;
    copies.emplace_back(::fcntl(own_fd, F_DUPFD_CLOEXEC, above));
    own_fd = copies.back().get();
    if (own_fd < 0) throw std::system_error(errno, std::generic_category(), "fcntl F_DUPFD_CLOEXEC");
  }
  return plan;
}

ExitStatus decode(int status) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

}  // namespace

pid_t spawn(const SpawnRequest& request) {
  std::vector<Descriptor> copies;
  const std::map<int, int> sources = unshadowed(request.descriptors, copies);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int error = 0;
  for (const auto& [child_fd, own_fd] : sources) {
    // A descriptor that is to keep its number: dup2 onto itself clears its close-on-exec flag in the child.
    if (error == 0) error = posix_spawn_file_actions_adddup2(&actions, own_fd, child_fd);
  }
  if (error == 0 && request.own_table) {
    const int above = sources.empty() ? 0 : sources.rbegin()->first + 1;
    error = posix_spawn_file_actions_addclosefrom_np(&actions, above);  // glibc 2.34
  }
  if (error == 0 && !request.folder.empty()) {
    error = posix_spawn_file_actions_addchdir_np(&actions, request.folder.c_str());  // glibc 2.29
  }
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  if (request.own_group) flags |= POSIX_SPAWN_SETPGROUP;
  posix_spawnattr_setflags(&attributes, flags);

  std::vector<std::string> argv = request.argv;
  std::vector<std::string> env = merged_environment(request);
  pid_t pid = -1;
  if (error == 0) {
    error = posix_spawn(&pid, argv.at(0).c_str(), &actions, &attributes, pointers(argv).data(),
                        pointers(env).data());
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "cannot start " + argv[0]);
  return pid;
}

ExitStatus wait_for(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  return decode(status);
}

std::optional<ExitStatus> try_wait_for(pid_t pid) {
  int status = 0;
  const pid_t result = ::waitpid(pid, &status, WNOHANG);
  if (result < 0) throw std::system_error(errno, std::generic_category(), "waitpid");
  if (result == 0) return std::nullopt;
  return decode(status);
}

std::optional<unsigned long long> start_ticks(pid_t pid) {
  std::istringstream fields(stat_fields(pid));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  return fields ? std::optional(std::stoull(field)) : std::nullopt;
}

bool ended(pid_t pid) {
  const std::string fields = stat_fields(pid);
  return fields.empty() || fields[0] == 'Z' || fields[0] == 'X';
}

bool alive(pid_t pid) {
  return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

std::int64_t set_descriptor_limit(pid_t pid, std::int64_t soft) {
  rlimit before{};
  if (::prlimit(pid, RLIMIT_NOFILE, nullptr, &before) != 0) {
    throw std::system_error(errno, std::generic_category(), "prlimit");
  }
  if (before.rlim_max != RLIM_INFINITY && static_cast<rlim_t>(soft) > before.rlim_max) {
    throw std::runtime_error("a limit of " + std::to_string(soft) + " open files is above the hard limit, " +
                             std::to_string(before.rlim_max) + "; set a lower one");
  }
  const rlimit wanted{static_cast<rlim_t>(soft), before.rlim_max};
  if (::prlimit(pid, RLIMIT_NOFILE, &wanted, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "prlimit");
  }
  return static_cast<std::int64_t>(before.rlim_cur);
}

void restore_descriptor_limit() {
  const char* const limit = std::getenv(kDescriptorLimitVariable);
  if (limit != nullptr) set_descriptor_limit(::getpid(), std::atoll(limit));
}

Descriptor life_of(pid_t pid) {
  return Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

std::string own_path() {
  char buffer[4096];
  const ssize_t length = ::readlink("/proc/self/exe", buffer, sizeof buffer);
  if (length < 0) throw std::system_error(errno, std::generic_category(), "readlink /proc/self/exe");
  return {buffer, static_cast<std::size_t>(length)};
}

}  // namespace walsoak::os
