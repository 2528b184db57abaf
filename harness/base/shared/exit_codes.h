// The exit codes of every command and script, and the table of them that --help prints.
#pragma once

#include <initializer_list>
#include <span>
#include <string>

namespace walsoak {

enum ExitCode : int {
  kExitPass = 0,
  kExitFail = 1,
  kExitUnknown = 2,
  kExitUsage = 3,
  kExitNotCarriedOut = 4,
  kExitInterrupted = 130,
  kExitTerminated = 143
};

// A way in which a command can end. Several share a code where it means something else to other commands.
enum class Ending {
  signalled,
  not_carried_out,
  usage,
  different_runs,
  verdict_unknown,
  cannot_be_told,
  verdict_failed,
  something_worse,
  every_verdict_passed,
  nothing_worse,
  diagnosed,
  watched,
  traced_process,
  traced_program,
  done,
};

// Those of a command that judges a run.
inline constexpr Ending kJudges[] = {Ending::signalled,      Ending::not_carried_out,
                                     Ending::usage,          Ending::verdict_unknown,
                                     Ending::verdict_failed, Ending::every_verdict_passed};

// The table of a command that can end in these ways, in order of precedence.
std::string exit_code_table(std::span<const Ending> endings);
std::string exit_code_table(std::initializer_list<Ending> endings);

}  // namespace walsoak
