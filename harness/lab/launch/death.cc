#include "harness/lab/launch/death.h"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>

#include "harness/lab/launch/last_line.h"

namespace walsoak::lab {

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);  // glibc 2.32
  return name != nullptr ? fmt::format("SIG{}", name) : fmt::format("signal {}", signal);
}

facts::Death death_of(const std::string& process, const std::string& role, pid_t pid,
                      const std::optional<os::ExitStatus>& status, const std::filesystem::path& log) {
  facts::Death death;
  death.process = process;
  death.role = role;
  death.pid = pid;
  if (status && status->signal != 0) death.signal = signal_name(status->signal);
  if (status && status->signal == 0) death.exit_code = status->exit_code;
  death.last_line = last_line_of(log);
  return death;
}

std::optional<os::ExitStatus> reaped_status(const protocol::Message& told) {
  const auto number = [&told](const char* key) {
    const auto found = told.find(key);
    return found != told.end() && found->is_number_integer() ? std::optional(found->get<int>())
                                                             : std::nullopt;
  };
  const std::optional<int> exit_code = number("exit_code"), signal = number("signal");
  if (!exit_code || !signal) return std::nullopt;
  return os::ExitStatus{*exit_code, *signal};
}

bool ended_as_ordered(const std::optional<os::ExitStatus>& status, bool kill_ordered, bool said_bye) {
  if (status && status->signal != 0) return status->signal == SIGKILL && kill_ordered;
  if (status && status->exit_code != 0) return false;
  return said_bye;
}

}  // namespace walsoak::lab
