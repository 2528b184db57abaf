// walsoak run: carries out scenarios.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/exit_codes.h"
#include "harness/report/terminal.h"
#include "harness/run/programs.h"
#include "harness/run/run.h"
#include "harness/scenario/describe.h"

namespace walsoak::cli {
namespace {

struct RunOptions {
  std::vector<std::string> files;
  std::string out;
  std::vector<std::string> sets;
  bool keep = false;
  bool quiet = false;
  bool dry_run = false;
};

scenario::Overrides overrides_of(const std::vector<std::string>& sets) {
  scenario::Overrides overrides;
  for (const std::string& set : sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos) {
      throw scenario::ScenarioError(fmt::format("--set {}: no value; valid: --set NAME=VALUE", set));
    }
    overrides.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  return overrides;
}

void print_plan(const std::vector<scenario::Scenario>& scenarios) {
  for (const scenario::Scenario& scenario : scenarios) {
    fmt::print("{}", scenario::describe_cells(scenario));
    fmt::print("estimated time: {:.0f} s\n", run::estimated_seconds(scenario));
  }
}

int run_scenarios(const RunOptions& options, const std::vector<std::string>& command_line) {
  run::Plan plan;
  const scenario::Vocabulary words = run::vocabulary();
  for (const std::string& file : options.files) {
    plan.scenarios.push_back(
        scenario::load_scenario(file, words, overrides_of(options.sets), run::home_folder() / "scenarios"));
  }
  if (options.dry_run) {
    print_plan(plan.scenarios);
    return kPass;
  }
  if (!options.out.empty()) plan.out = options.out;
  plan.keep = options.keep;
  plan.command = command_line;
  plan.progress = run::Progress::style_for_stderr(options.quiet);
  const run::Result result = run::carry_out(plan);
  fmt::print("{}\nrun folder: {}\n", report::summary_table(result.summary), result.folder.string());
  if (!result.failure.empty()) fmt::print(stderr, "walsoak: {}\n", result.failure);
  return result.exit_code;
}

}  // namespace

Action add_run(CLI::App& app, const std::vector<std::string>& command_line) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const run =
      app.add_subcommand("run", "carry out scenarios, cell by cell, and print what was found");
  run->add_option("scenario", options->files, "scenario files (JSON); several go into one run")
      ->required()
      ->type_name("FILE");
  run->add_option("--out", options->out,
                  "run folder; new or empty (default: walsoak-runs/<scenario>-<UTC time>)")
      ->type_name("DIR");
  run->add_option("--set", options->sets, "a setting laid over the scenario, as NAME=VALUE; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  run->add_flag("--keep", options->keep, "keep boards and logs of cells that passed, too");
  run->add_flag("--quiet", options->quiet, "no progress on stderr");
  run->add_flag("--dry-run", options->dry_run, "print cells, expectations and estimated time; start nothing");
  run->footer(
      std::string("Examples:\n"
                  "  walsoak run scenarios/quick.json\n"
                  "  walsoak run scenarios/split-generation.json --out /tmp/split --keep\n"
                  "  walsoak run scenarios/quick.json --set strategy=persistent --set ticks=600\n\n") +
      kExitCodeTable);
  return [options, &command_line] { return run_scenarios(*options, command_line); };
}

}  // namespace walsoak::cli
