#include "harness/cli/program.h"

#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <string_view>
#include <utility>

#include "harness/base/escape/standard_output.h"
#include "harness/base/escape/terminal.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/nearest.h"
#include "harness/base/shared/plain_reason.h"
#include "harness/base/shared/version.h"
#include "harness/cli/usage_error.h"
#include "harness/model/scenario/scenario_error.h"

namespace walsoak::cli {
namespace {

// Exceptions by their exit code, without the marks of the libraries that threw them.
int act(const std::string& name, const Action& action) {
  try {
    return action();
  } catch (const scenario::ScenarioError& error) {
    escape::print(stderr, "{}\n", error.what());
    return kExitUsage;
  } catch (const Refused& error) {
    escape::print(stderr, "{}: {}\n", name, plain_reason(error));
    for (const std::string& line : error.list()) escape::print(stderr, "  {}\n", line);
    return kExitUsage;
  } catch (const Stopped& stopped) {
    return 128 + stopped.signal();
  } catch (const std::exception& error) {
    escape::print(stderr, "{}: {}\n", name, plain_reason(error));
    return kExitNotCarriedOut;
  }
}

// For --help and --version, for which the parser throws, too.
int print_asked(const CLI::App& app, const CLI::ParseError& asked) {
  std::ostringstream text;
  const int code = app.exit(asked, text, text);
  escape::put(stdout, text.str());
  return code;
}

int parse_and_act(const std::string& name, const std::string& description,
                  const std::vector<Command>& commands, int argc, char** argv) {
  // Cells side by side have a thread each; an arena of glibc's for each of them would only keep what it once
  // held.
  mallopt(M_ARENA_MAX, 1);
  const CommandLine command_line(argv, argv + argc);
  CLI::App app(description);
  app.set_version_flag("--version", name + " " + kVersion);
  app.require_subcommand(1);
  app.footer(exit_code_table(kJudges));
  std::vector<std::pair<std::string, Action>> actions;
  for (const Command& command : commands) actions.emplace_back(command.name, command.add(app, command_line));
  // The parser would only say that a command is missing.
  std::vector<std::string_view> names;
  for (const Command& command : commands) names.emplace_back(command.name);
  if (argc > 1 && argv[1][0] != '-' && std::find(names.begin(), names.end(), argv[1]) == names.end()) {
    throw Refused(
        fmt::format("unknown command {}; {} ({} --help)", argv[1], what_is_valid(argv[1], names), name));
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return print_asked(app, error);
    escape::print(stderr, "{}\n", usage_error(app, error, name, command_line));
    return kExitUsage;
  }
  for (const auto& [command, action] : actions) {
    if (app.got_subcommand(command)) return action();
  }
  return kExitUsage;
}

}  // namespace

int run_program(const std::string& name, const std::string& description, const std::vector<Command>& commands,
                int argc, char** argv) {
  return escape::run_main(name, [&] {
    return act(name, [&] { return parse_and_act(name, description, commands, argc, argv); });
  });
}

}  // namespace walsoak::cli
