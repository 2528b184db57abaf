// The commands, each in a file of its own: adds itself to the parser, and returns what to run when it was
// named.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace walsoak::cli {

// What was typed, program name first; it outlives the parse.
using CommandLine = std::vector<std::string>;
// Gives the exit code, and throws std::exception with a one-line message.
using Action = std::function<int()>;

Action add_run(CLI::App& app, const CommandLine& command_line);
Action add_compare(CLI::App& app, const CommandLine& command_line);
Action add_check(CLI::App& app, const CommandLine& command_line);
Action add_diagnose(CLI::App& app, const CommandLine& command_line);
Action add_list(CLI::App& app, const CommandLine& command_line);
Action add_report(CLI::App& app, const CommandLine& command_line);
Action add_repro(CLI::App& app, const CommandLine& command_line);
Action add_trace(CLI::App& app, const CommandLine& command_line);
Action add_watch(CLI::App& app, const CommandLine& command_line);

// What `walsoak repro` and `walsoak list mechanisms` print.
void list_repros();

struct Command {
  const char* name;
  Action (*add)(CLI::App&, const CommandLine&);
};

// The commands for a process that walsoak did not start: both programs have them.
std::vector<Command> field_commands();

}  // namespace walsoak::cli
