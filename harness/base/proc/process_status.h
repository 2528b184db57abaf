// What the kernel says about a process as a whole: memory, threads, descriptor limit. Linux's /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace walsoak::os {

// A value that the kernel does not give is nothing, never 0.
struct ProcessStatus {
  std::optional<std::uint64_t> rss_bytes;
  std::optional<std::uint64_t> threads;
  std::optional<std::uint64_t> descriptor_limit;  // soft RLIMIT_NOFILE; nothing where there is none

  // A process that has let go of its memory has ended or is ending: its descriptors are going, or gone.
  bool ended() const { return !rss_bytes; }
};

// Nothing where there is no such process; a zombie is there, and has ended().
std::optional<ProcessStatus> read_process_status(pid_t pid);

// CPU time that the process has used so far, of all its threads, in milliseconds (fields 14 and 15 of
// /proc/<pid>/stat); nothing where there is no such process.
std::optional<std::int64_t> read_cpu_ms(pid_t pid);

// The number behind a label of /proc/<pid>/status, as "Tgid:". Nothing where there is no such process or
// label.
std::optional<std::uint64_t> status_number(pid_t pid, std::string_view label);

// From the text of /proc/<pid>/status: rss_bytes and threads.
ProcessStatus parse_process_status(std::string_view status);
// From the text of /proc/<pid>/limits: the soft limit on open files.
std::optional<std::uint64_t> parse_descriptor_limit(std::string_view limits);

}  // namespace walsoak::os
