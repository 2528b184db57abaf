#include "harness/base/shared/exit_codes.h"

#include <algorithm>

namespace walsoak {
namespace {

struct Row {
  Ending ending;
  const char* text;
};

// In order of precedence.
constexpr Row kRows[] = {
    {Ending::signalled, "130  SIGINT        143  SIGTERM"},
    {Ending::not_carried_out, "4    the work could not be carried out, or its output not be written"},
    {Ending::usage, "3    usage or scenario error; nothing was started"},
    {Ending::different_runs, "3    usage error, or runs of different scenarios"},
    {Ending::verdict_unknown, "2    some verdict is unknown, or a control did not pass"},
    {Ending::cannot_be_told,
     "2    something that was to be compared cannot be told; what is worse stands in the output all the "
     "same"},
    {Ending::verdict_failed, "1    some verdict failed"},
    {Ending::something_worse, "1    something is worse"},
    {Ending::every_verdict_passed, "0    every verdict passed"},
    {Ending::nothing_worse, "0    nothing is worse"},
    {Ending::diagnosed, "0    it was diagnosed, whatever was found"},
    {Ending::watched, "0    the end of the process, of the time, SIGINT or SIGTERM: the report is written"},
    {Ending::traced_process, "0    with --pid: the end of the process, of the time, SIGINT or SIGTERM"},
    {Ending::traced_program, "N    without --pid: the program's own code, or 128 + the signal that ended it"},
    {Ending::done, "0    done"},
};

}  // namespace

std::string exit_code_table(std::span<const Ending> endings) {
  std::string table = "Exit codes, the first that applies:\n";
  for (const Row& row : kRows) {
    if (std::find(endings.begin(), endings.end(), row.ending) != endings.end()) {
      table += std::string("  ") + row.text + "\n";
    }
  }
  return table;
}

std::string exit_code_table(std::initializer_list<Ending> endings) {
  return exit_code_table(std::span(endings.begin(), endings.size()));
}

}  // namespace walsoak
