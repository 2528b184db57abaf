// The exit codes of every command and script, in order of precedence.
#pragma once

namespace walsoak::cli {

enum ExitCode : int {
  kPass = 0,
  kFail = 1,
  kUnknown = 2,
  kUsage = 3,
  kNotCarriedOut = 4,
  kInterrupted = 130,
  kTerminated = 143
};

inline constexpr const char* kExitCodeTable =
    "Exit codes, the first that applies:\n"
    "  130  SIGINT        143  SIGTERM\n"
    "  4    the work could not be carried out\n"
    "  3    usage or scenario error; nothing was started\n"
    "  2    some verdict is unknown, or a control did not pass\n"
    "  1    some verdict failed\n"
    "  0    every verdict passed\n";

}  // namespace walsoak::cli
