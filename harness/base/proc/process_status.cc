#include "harness/base/proc/process_status.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "harness/base/os/number.h"
#include "harness/base/os/proc_text.h"

namespace walsoak::os {
namespace {

// The number that follows `label` at the start of a line.
std::optional<std::uint64_t> number_after(std::string_view text, std::string_view label) {
  std::size_t at = 0;
  while (text.substr(at, label.size()) != label) {
    const std::size_t line_end = text.find('\n', at);
    if (line_end == std::string_view::npos) return std::nullopt;
    at = line_end + 1;
  }
  text.remove_prefix(at + label.size());
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  return number_of<std::uint64_t>(text.substr(0, text.find_first_not_of("0123456789")));
}

}  // namespace

ProcessStatus parse_process_status(std::string_view status) {
  ProcessStatus result;
  if (const auto kib = number_after(status, "VmRSS:")) result.rss_bytes = *kib * 1024;
  result.threads = number_after(status, "Threads:");
  return result;
}

std::optional<std::uint64_t> parse_descriptor_limit(std::string_view limits) {
  return number_after(limits, "Max open files");
}

std::optional<std::uint64_t> status_number(pid_t pid, std::string_view label) {
  const auto status = read_proc_text("/proc/" + std::to_string(pid) + "/status");
  return status ? number_after(*status, label) : std::nullopt;
}

std::optional<std::int64_t> read_cpu_ms(pid_t pid) {
  const auto stat = read_proc_text("/proc/" + std::to_string(pid) + "/stat");
  if (!stat || stat->empty()) return std::nullopt;
  // The command in parentheses may hold blanks; field 3 follows it.
  std::istringstream fields(stat->substr(std::min(stat->rfind(')'), stat->size() - 1) + 1));
  std::string skipped;
  for (int field = 3; field < 14; ++field) fields >> skipped;
  std::int64_t user = 0, system = 0;
  if (!(fields >> user >> system)) return std::nullopt;
  return (user + system) * 1000 / ::sysconf(_SC_CLK_TCK);
}

std::optional<ProcessStatus> read_process_status(pid_t pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  const auto status = read_proc_text(folder + "/status");
  const auto limits = read_proc_text(folder + "/limits");
  if (!status || !limits) return std::nullopt;
  ProcessStatus result = parse_process_status(*status);
  result.descriptor_limit = parse_descriptor_limit(*limits);
  return result;
}

}  // namespace walsoak::os
