#include "harness/field/watch/find_process.h"

#include <fmt/format.h>
#include <regex.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "harness/base/escape/terminal.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/span_text.h"

namespace walsoak::watch {
namespace {

constexpr std::size_t kLongestCommand = 100;

std::set<pid_t> lineage(std::span<const os::ProcessEntry> all, pid_t self) {
  std::map<pid_t, pid_t> parents;
  for (const os::ProcessEntry& process : all) parents[process.pid] = process.parent;
  std::set<pid_t> line;
  for (pid_t at = self; at > 0 && line.insert(at).second;) {
    const auto parent = parents.find(at);
    at = parent == parents.end() ? 0 : parent->second;
  }
  return line;
}

std::string shown_command(const os::ProcessEntry& process) {
  const std::string line = escape::visible(process.command_line());
  const std::string cut = escape::cut(line, kLongestCommand);
  return cut.size() < line.size() ? cut + "..." : line;
}

}  // namespace

Pattern::Pattern(const std::string& text) : text_(text) {
  const auto refuse = [&text](std::string_view why) {
    throw Refused(
        fmt::format("--name {}: no pattern ({}); valid: an extended regular expression, as for "
                    "pgrep -f",
                    text, why));
  };
  if (text.empty()) refuse("it is empty and would match everything");
  auto compiled = std::make_unique<regex_t>();
  if (const int error = ::regcomp(compiled.get(), text.c_str(), REG_EXTENDED | REG_NOSUB); error != 0) {
    char why[256];
    ::regerror(error, compiled.get(), why, sizeof why);
    refuse(why);
  }
  compiled_ = {compiled.release(), [](regex_t* used) {
                 ::regfree(used);
                 delete used;
               }};
}

bool Pattern::matches(const os::ProcessEntry& process) const {
  const auto found = [this](const std::string& text) {
    return ::regexec(compiled_.get(), text.c_str(), 0, nullptr, 0) == 0;
  };
  return found(process.command) || found(process.command_line());
}

std::vector<os::ProcessEntry> matching(const Pattern& pattern, std::span<const os::ProcessEntry> all,
                                       pid_t self) {
  const std::set<pid_t> ours = lineage(all, self);
  std::vector<os::ProcessEntry> found;
  std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](const os::ProcessEntry& process) {
    return !process.ended() && !process.kernel_thread && !ours.contains(process.pid) &&
           pattern.matches(process);
  });
  return found;
}

os::ProcessEntry process_with_pid(pid_t pid) {
  const auto process = os::read_process(pid);
  if (!process || process->ended()) {
    throw Refused(
        fmt::format("--pid {}: no such process; find it with pgrep -af PATTERN (a container has pids of "
                    "its own: docker inspect -f '{{{{.State.Pid}}}}' NAME prints the host's)",
                    pid));
  }
  if (process->kernel_thread) {
    throw Refused(
        fmt::format("--pid {}: {} is a kernel thread, which has no descriptors; name a process "
                    "that runs a program (pgrep -af PATTERN)",
                    pid, process->command));
  }
  return *process;
}

os::ProcessEntry process_by_pattern(const Pattern& pattern) {
  const std::vector<os::ProcessEntry> all = os::list_processes();
  std::vector<os::ProcessEntry> found = matching(pattern, all, ::getpid());
  if (found.empty()) {
    throw Refused(fmt::format(
        "--name {}: no process matches; try pgrep -af PATTERN; from inside a container only its own "
        "processes are "
        "seen, and on the host docker inspect -f '{{{{.State.Pid}}}}' NAME prints the pid of a container's",
        pattern.text()));
  }
  if (found.size() > 1) {
    std::vector<std::string> list;
    for (const os::ProcessEntry& process : found) {
      list.push_back(fmt::format("{:>7}  {:>8}  {}", process.pid,
                                 span_text(static_cast<double>(os::age_s(process))), shown_command(process)));
    }
    throw Refused(fmt::format("--name {}: {} processes match; name one with --pid, or a longer pattern:",
                              pattern.text(), found.size()),
                  std::move(list));
  }
  return std::move(found.front());
}

}  // namespace walsoak::watch
