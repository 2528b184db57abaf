// Starting and awaiting other programs. From any thread; each child is awaited once.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/base/os/descriptor.h"

namespace walsoak::os {

struct SpawnRequest {
  std::vector<std::string> argv;                                  // argv[0] is a path; PATH is not searched
  std::map<std::string, std::optional<std::string>> environment;  // laid over ours; nullopt removes
  std::map<int, int> descriptors;  // child's number -> ours; all others must be close-on-exec
  std::string folder{};            // the child's working folder; empty: ours
  bool own_table = false;  // closes what is above those, whoever left it open: ours, or who started us
  bool own_group = false;  // a process group of its own: Ctrl-C at the terminal does not reach it
};

// Starts a program with posix_spawn, all signals at their default and none blocked.
// Throws std::system_error naming argv[0] where it cannot be started.
pid_t spawn(const SpawnRequest& request);

// How a child ended: exit code, or the signal that killed it.
struct ExitStatus {
  int exit_code = 0;
  int signal = 0;
  bool clean() const { return exit_code == 0 && signal == 0; }
};

// Blocks until the child has ended and reaps it. Throws std::system_error (ECHILD: not ours).
ExitStatus wait_for(pid_t pid);
// Reaps the child if it has ended already.
std::optional<ExitStatus> try_wait_for(pid_t pid);

// Field 22 of /proc/<pid>/stat: with the pid it names a process for good. Nothing if there is no such
// process.
std::optional<unsigned long long> start_ticks(pid_t pid);

// Whether a process with this pid exists (a zombie does). Permission does not matter.
bool alive(pid_t pid);

// Whether the process has ended: there is none with this pid, or it is a zombie that waits to be reaped.
bool ended(pid_t pid);

// Sets the soft limit of open files of a process and returns the one before. Throws std::system_error, or
// std::runtime_error saying what is allowed where the hard limit is below it.
std::int64_t set_descriptor_limit(pid_t pid, std::int64_t soft);

// A worker must not inherit a limit that was put on its parent alone: the observer hands its own to it in
// this variable of the environment.
inline constexpr const char* kDescriptorLimitVariable = "WALSOAK_DESCRIPTOR_LIMIT";
// Sets this process's soft limit of open files to what the variable says, where it is set.
void restore_descriptor_limit();

// Readable as soon as the process has ended (pidfd_open(2)); invalid where the kernel has no such thing or
// there is no such process. What was opened stands for one process for good, whoever gets its pid.
Descriptor life_of(pid_t pid);

// The path of the running program.
std::string own_path();

}  // namespace walsoak::os
