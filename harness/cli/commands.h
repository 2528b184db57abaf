// The commands, each in a file of its own: adds itself to the parser, and returns what to run when it was
// named.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

namespace walsoak::cli {

// `command_line` is what was typed, program name first; it outlives the parse. The returned function gives
// the exit code and throws std::exception with a one-line message.
using Action = std::function<int()>;

Action add_run(CLI::App& app, const std::vector<std::string>& command_line);
Action add_check(CLI::App& app);
Action add_list(CLI::App& app);
Action add_report(CLI::App& app);
Action add_repro(CLI::App& app);
Action add_trace(CLI::App& app);

// What `walsoak repro` and `walsoak list mechanisms` print.
void list_repros();

}  // namespace walsoak::cli
