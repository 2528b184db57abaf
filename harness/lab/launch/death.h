// How a process of a cell ended, and whether that was ordered: the data of the event `process-died`.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>

#include "harness/base/os/process.h"
#include "harness/evidence/facts/deaths.h"
#include "harness/protocol/message.h"

namespace walsoak::lab {

// "SIGSEGV".
std::string signal_name(int signal);

// Of a process whose stderr went to `log`. Without a status nobody knows how it ended.
facts::Death death_of(const std::string& process, const std::string& role, pid_t pid,
                      const std::optional<os::ExitStatus>& status, const std::filesystem::path& log);

// The status that a process tells of one that it has reaped: {"exit_code", "signal"} as whole numbers.
std::optional<os::ExitStatus> reaped_status(const protocol::Message& told);

// Whether a worker ended by itself or by a kill that was ordered of it. SIGKILL of the kernel (out of memory)
// looks the same as an ordered one, so only a worker that was to be killed may end by it.
bool ended_as_ordered(const std::optional<os::ExitStatus>& status, bool kill_ordered, bool said_bye);

}  // namespace walsoak::lab
