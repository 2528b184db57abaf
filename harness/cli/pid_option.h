// The option --pid, the same for every command.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace walsoak::cli {

// The largest that Linux gives (PID_MAX_LIMIT of the kernel). The machine's own limit, in
// /proc/sys/kernel/pid_max, may be lower, but a listing may be another machine's.
inline constexpr pid_t kLargestPid = 4194304;

// Adds --pid, which sets `pid`. At the parse anything but a whole number from 1 to kLargestPid is one line of
// error.
void add_pid_option(CLI::App& command, pid_t& pid, const std::string& description);

}  // namespace walsoak::cli
