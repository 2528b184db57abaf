#include "harness/cli/program.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>
#include <utility>

#include "harness/cli/exit_codes.h"
#include "harness/os/signals.h"
#include "harness/record/plain_reason.h"
#include "harness/run/errors.h"
#include "harness/run/version.h"
#include "harness/scenario/scenario_error.h"

namespace walsoak::cli {
namespace {

int act(const std::string& name, const Action& action) {
  try {
    return action();
  } catch (const scenario::ScenarioError& error) {
    fmt::print(stderr, "{}\n", error.what());
    return kUsage;
  } catch (const run::Refused& error) {
    fmt::print(stderr, "{}: {}\n", name, record::plain_reason(error));
    return kUsage;
  } catch (const run::Stopped& stopped) {
    return 128 + stopped.signal();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", name, record::plain_reason(error));
    return kNotCarriedOut;
  }
}

std::string names_of(const std::vector<Command>& commands) {
  std::string names;
  for (const Command& command : commands) names += (names.empty() ? "" : ", ") + std::string(command.name);
  return names;
}

}  // namespace

int run_program(const std::string& name, const std::string& description, const std::vector<Command>& commands,
                int argc, char** argv) {
  // Cells side by side have a thread each; an arena of glibc's for each of them would only keep what it once
  // held.
  mallopt(M_ARENA_MAX, 1);
  const CommandLine command_line(argv, argv + argc);
  CLI::App app(description);
  app.set_version_flag("--version", name + " " + run::kVersion);
  app.require_subcommand(1);
  app.footer(kExitCodeTable);
  std::vector<std::pair<std::string, Action>> actions;
  for (const Command& command : commands) actions.emplace_back(command.name, command.add(app, command_line));
  // The parser would only say that a command is missing.
  const auto named = [&](const Command& command) { return std::string_view(argv[1]) == command.name; };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), named)) {
    fmt::print(stderr, "{}: unknown command {}; valid: {} ({} --help)\n", name, argv[1], names_of(commands),
               name);
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "{}: {} ({} --help)\n", name, error.what(), name);
    return kUsage;
  }
  os::note_stop_signals();
  for (const auto& [command, action] : actions) {
    if (app.got_subcommand(command)) return act(name, action);
  }
  return kUsage;
}

}  // namespace walsoak::cli
