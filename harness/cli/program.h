// A program of commands: parses the command line, runs the command that it names, and turns what is thrown
// into one line on stderr and an exit code.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/commands.h"

namespace walsoak::cli {

// `name` stands in front of messages. Returns the exit code of the process. Call once, from main.
int run_program(const std::string& name, const std::string& description, const std::vector<Command>& commands,
                int argc, char** argv);

}  // namespace walsoak::cli
