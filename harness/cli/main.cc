// walsoak: the observer's command line. Commands come from the files beside this one.
#include <malloc.h>
#include <CLI/CLI.hpp>
#include <algorithm>

#include <cstdio>
#include <exception>
#include <iterator>
#include <string_view>

#include "harness/cli/commands.h"
#include "harness/cli/exit_codes.h"
#include "harness/os/signals.h"
#include "harness/run/errors.h"
#include "harness/run/version.h"
#include "harness/scenario/scenario_error.h"

namespace {

using walsoak::cli::Action;

int act(const Action& action) {
  try {
    return action();
  } catch (const walsoak::scenario::ScenarioError& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return walsoak::cli::kUsage;
  } catch (const walsoak::run::Refused& error) {
    std::fprintf(stderr, "walsoak: %s\n", error.what());
    return walsoak::cli::kUsage;
  } catch (const walsoak::run::Stopped& stopped) {
    return 128 + stopped.signal();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "walsoak: %s\n", error.what());
    return walsoak::cli::kNotCarriedOut;
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Cells side by side have a thread each; an arena of glibc's for each of them would only keep what it once
  // held.
  mallopt(M_ARENA_MAX, 1);
  const std::vector<std::string> command_line(argv, argv + argc);
  CLI::App app(
      "walsoak: what does a way of holding SQLite connections do to descriptors, sidecars and data?");
  app.set_version_flag("--version", std::string("walsoak ") + walsoak::run::kVersion);
  app.require_subcommand(1);
  app.footer(walsoak::cli::kExitCodeTable);
  const std::pair<const char*, Action> commands[] = {{"run", walsoak::cli::add_run(app, command_line)},
                                                     {"check", walsoak::cli::add_check(app)},
                                                     {"list", walsoak::cli::add_list(app)},
                                                     {"report", walsoak::cli::add_report(app)},
                                                     {"repro", walsoak::cli::add_repro(app)},
                                                     {"trace", walsoak::cli::add_trace(app)}};
  // The parser would only say that a command is missing.
  const auto named = [&](const auto& command) { return std::string_view(argv[1]) == command.first; };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(std::begin(commands), std::end(commands), named)) {
    std::fprintf(stderr,
                 "walsoak: unknown command %s; valid: run, check, list, report, repro, trace (walsoak --help)\n",
                 argv[1]);
    return walsoak::cli::kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::fprintf(stderr, "walsoak: %s (walsoak --help)\n", error.what());
    return walsoak::cli::kUsage;
  }
  walsoak::os::note_stop_signals();
  for (const auto& [name, action] : commands) {
    if (app.got_subcommand(name)) return act(action);
  }
  return walsoak::cli::kUsage;
}
