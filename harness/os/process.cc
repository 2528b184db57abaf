#include "harness/os/process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>

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

// The text of /proc/<pid>/stat from its third field on (the second, the program's name, may hold spaces and parentheses);
// empty if there is no such process.
std::string stat_fields(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  return name_end == std::string::npos ? std::string() : text.substr(name_end + 2);
}

ExitStatus decode(int status) {
  if (WIFSIGNALED(status)) return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

}  // namespace

pid_t spawn(const SpawnRequest& request) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  // Two passes: a source number may be some other entry's target, so move all sources out of the way first.
  int high = 200;
  std::map<int, int> moved;
  for (const auto& [child_fd, own_fd] : request.descriptors) {
    moved[child_fd] = high;
    posix_spawn_file_actions_adddup2(&actions, own_fd, high++);
  }
  for (const auto& [child_fd, from] : moved) {
    posix_spawn_file_actions_adddup2(&actions, from, child_fd);
    posix_spawn_file_actions_addclose(&actions, from);
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
  const int error =
      posix_spawn(&pid, argv.at(0).c_str(), &actions, &attributes, pointers(argv).data(), pointers(env).data());
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

bool alive(pid_t pid) { return ::kill(pid, 0) == 0 || errno == EPERM; }

std::string own_path() {
  char buffer[4096];
  const ssize_t length = ::readlink("/proc/self/exe", buffer, sizeof buffer);
  if (length < 0) throw std::system_error(errno, std::generic_category(), "readlink /proc/self/exe");
  return {buffer, static_cast<std::size_t>(length)};
}

}  // namespace walsoak::os
