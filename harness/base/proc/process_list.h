// The processes of this machine, or of this container: what a pattern is matched against, and what names one
// for good.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::os {

struct ProcessEntry {
  pid_t pid = 0;
  pid_t parent = 0;
  unsigned long long start_ticks =
      0;                       // field 22 of /proc/<pid>/stat: with the pid it names a process for good
  char state = '?';            // 'Z': a zombie
  bool kernel_thread = false;  // part of the kernel: has no program and no descriptors
  std::string command;         // as the kernel keeps it: at most 15 characters
  std::vector<std::string> arguments;  // empty for kernel threads and zombies
  std::optional<uid_t> user;           // effective; nothing where it has ended meanwhile

  // Command and arguments with blanks between, as pgrep -f sees them.
  std::string command_line() const;
  bool ended() const { return state == 'Z' || state == 'X'; }
};

// Nothing where there is no such process.
std::optional<ProcessEntry> read_process(pid_t pid);

// Every process, by pid. Throws std::system_error where /proc cannot be read.
std::vector<ProcessEntry> list_processes();

// Seconds since the process was started.
std::int64_t age_s(const ProcessEntry& process);

// The fields that an entry takes from the text of /proc/<pid>/stat; nothing where it has another form.
std::optional<ProcessEntry> parse_stat(std::string_view stat);
// Arguments as /proc/<pid>/cmdline has them, each ended by a zero byte.
std::vector<std::string> parse_cmdline(std::string_view cmdline);

}  // namespace walsoak::os
