// Which process is meant: by its pid, or by a pattern as pgrep -f takes it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "harness/base/proc/process_list.h"

struct re_pattern_buffer;

namespace walsoak::watch {

// A POSIX extended regular expression, found anywhere in a process's command name or command line.
class Pattern {
 public:
  // Throws Refused saying what is wrong with it.
  explicit Pattern(const std::string& text);

  bool matches(const os::ProcessEntry& process) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<re_pattern_buffer> compiled_;
};

// Those that match and have not ended, but for kernel threads, which have no descriptors, and for `self` and
// its ancestors (sudo, a shell, timeout: the pattern stands in their command lines because it stands in
// ours). A pure function.
std::vector<os::ProcessEntry> matching(const Pattern& pattern, std::span<const os::ProcessEntry> all,
                                       pid_t self);

// The process with this pid. Throws Refused where there is none, or it is a kernel thread.
os::ProcessEntry process_with_pid(pid_t pid);

// The one process that matches. Throws Refused where there is none, saying how to reach one in a
// container, or where there are several, listing pid, age and command of each, a line each.
os::ProcessEntry process_by_pattern(const Pattern& pattern);

}  // namespace walsoak::watch
