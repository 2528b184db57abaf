#include "harness/base/proc/process_list.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "harness/base/os/number.h"
#include "harness/base/os/proc_text.h"

namespace walsoak::os {
namespace {

struct CloseProcesses {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

constexpr std::uint64_t kKernelThread = 0x00200000;  // PF_KTHREAD of the kernel's include/linux/sched.h

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

}  // namespace

std::string ProcessEntry::command_line() const {
  if (arguments.empty()) return command;
  std::string line;
  for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + argument;
  return line;
}

std::optional<ProcessEntry> parse_stat(std::string_view stat) {
  // The command stands in parentheses and may hold any character, parentheses too.
  const std::size_t begin = stat.find('('), end = stat.rfind(')');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return std::nullopt;
  const auto before = words_of(stat.substr(0, begin));
  const auto after = words_of(stat.substr(end + 1));
  constexpr std::size_t kState = 0, kParent = 1, kFlags = 6, kStart = 19;  // fields 3, 4, 9 and 22
  if (before.size() != 1 || after.size() <= kStart) return std::nullopt;
  const auto pid = number_of<pid_t>(before[0]);
  const auto parent = number_of<pid_t>(after[kParent]);
  const auto flags = number_of<std::uint64_t>(after[kFlags]);
  const auto start = number_of<unsigned long long>(after[kStart]);
  if (!pid || !parent || !flags || !start) return std::nullopt;
  ProcessEntry entry;
  entry.pid = *pid;
  entry.parent = *parent;
  entry.start_ticks = *start;
  entry.state = after[kState].front();
  entry.kernel_thread = (*flags & kKernelThread) != 0;
  entry.command = stat.substr(begin + 1, end - begin - 1);
  return entry;
}

std::vector<std::string> parse_cmdline(std::string_view cmdline) {
  std::vector<std::string> arguments;
  while (!cmdline.empty()) {
    const std::string_view argument = cmdline.substr(0, cmdline.find('\0'));
    cmdline.remove_prefix(std::min(argument.size() + 1, cmdline.size()));
    arguments.emplace_back(argument);
  }
  return arguments;
}

std::optional<ProcessEntry> read_process(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto stat = read_proc_text(folder + "/stat");
  auto entry = stat ? parse_stat(*stat) : std::nullopt;
  if (!entry) return std::nullopt;
  entry->arguments = parse_cmdline(read_proc_text(folder + "/cmdline").value_or(""));
  struct stat owner {};
  if (::stat(folder.c_str(), &owner) == 0) entry->user = owner.st_uid;
  return entry;
}

std::vector<ProcessEntry> list_processes() {
  const std::unique_ptr<DIR, CloseProcesses> folder(::opendir("/proc"));
  if (!folder) throw std::system_error(errno, std::generic_category(), "/proc");
  std::vector<ProcessEntry> processes;
  while (const dirent* entry = ::readdir(folder.get())) {
    const auto pid = number_of<pid_t>(entry->d_name);
    if (!pid) continue;
    if (auto process = read_process(*pid)) processes.push_back(std::move(*process));
  }
  std::sort(processes.begin(), processes.end(),
            [](const ProcessEntry& a, const ProcessEntry& b) { return a.pid < b.pid; });
  return processes;
}

std::int64_t age_s(const ProcessEntry& process) {
  timespec since_boot{};
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto per_second = static_cast<unsigned long long>(::sysconf(_SC_CLK_TCK));
  const auto started_s = static_cast<std::int64_t>(process.start_ticks / per_second);
  return std::max<std::int64_t>(0, since_boot.tv_sec - started_s);
}

}  // namespace walsoak::os
