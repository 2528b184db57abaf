// walsoak run: carries out scenarios.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/os/signals.h"
#include "harness/base/shared/duration.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/span_text.h"
#include "harness/cli/ci_output.h"
#include "harness/cli/commands.h"
#include "harness/cli/report_files.h"
#include "harness/lab/launch/programs.h"
#include "harness/lab/run/plan.h"
#include "harness/lab/run/run.h"
#include "harness/model/cells/describe.h"
#include "harness/model/scenario/list.h"
#include "harness/report/render/terminal.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

struct RunOptions {
  std::vector<std::string> files;
  std::string out, junit;
  std::vector<std::string> sets;
  std::string fix;
  std::string interval, boards, board_template, tasks, workers, ticks, duration, scale;
  std::int64_t jobs = 0;
  std::int64_t repeat = 0;
  bool allow_exec = false;
  bool keep = false;
  bool quiet = false;
  bool dry_run = false;
};

scenario::Overrides overrides_of(const RunOptions& options) {
  scenario::Overrides overrides;
  const auto add = [&overrides](const char* setting, const std::string& text) {
    if (!text.empty()) overrides.emplace_back(setting, text);
  };
  const auto add_time = [&add](const char* option, const char* setting, const std::string& text) {
    if (!text.empty()) add(setting, fmt::format("{}", seconds_of(option, text)));
  };
  add("fix", options.fix);
  add_time("--tick-interval", "tick_interval_s", options.interval);
  add("boards", options.boards);
  add("board_template", options.board_template);
  add("tasks_per_board", options.tasks);
  add("workers", options.workers);
  // Each of the two takes the other's place: what a scenario says by the other no longer holds.
  if (!options.ticks.empty()) add("duration_s", "0");
  add("ticks", options.ticks);
  add_time("--duration", "duration_s", options.duration);
  add("time_scale", options.scale);
  for (const std::string& set : options.sets) {
    const std::size_t equals = set.find('=');
    if (equals == std::string::npos) {
      throw scenario::ScenarioError(fmt::format("--set {}: no value; valid: --set NAME=VALUE", set));
    }
    overrides.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  return overrides;
}

void print_plan(const lab::Plan& plan) {
  for (const scenario::Scenario& scenario : plan.scenarios) {
    const std::int64_t repeat = lab::repeats_of(plan, scenario);
    escape::print("{}", escape::Lines{scenario::describe_cells(scenario, repeat)});
    escape::print("estimated time: {}\n",
                  span_text(lab::estimated_seconds(scenario, lab::jobs_of(plan), repeat)));
  }
}

// Repeats are for times, which cells side by side spoil: counts may be all that is wanted, so they run.
void warn_of_jobs(const lab::Plan& plan) {
  const bool repeated =
      std::any_of(plan.scenarios.begin(), plan.scenarios.end(),
                  [&](const scenario::Scenario& scenario) { return lab::repeats_of(plan, scenario) > 1; });
  if (!repeated || lab::jobs_of(plan) == 1) return;
  escape::print(
      stderr,
      "walsoak: cells run side by side, so the repeats serve counts alone: walsoak compare tells no "
      "times of them (--jobs 1)\n");
}

// Of an interrupted or failed run, too. Returns the exit code: the run's, or 4 where report.md cannot be
// written and nothing weighs more.
int report_on(const lab::Result& result) {
  try {
    const fs::path report = write_markdown(os::RunFolder::open(result.folder), result.summary,
                                           sources_of(result.folder), report::Names::redacted);
    escape::print("report: {}\n", report.string());
    return result.exit_code;
  } catch (const std::exception& error) {
    escape::print(stderr, "walsoak: no report.md: {}\n", error.what());
    return std::max<int>(result.exit_code, kExitNotCarriedOut);
  }
}

int run_scenarios(const RunOptions& options, const std::vector<std::string>& command_line) {
  lab::Plan plan;
  const scenario::Vocabulary words = lab::vocabulary();
  const fs::path shipped = lab::home_folder() / "scenarios";
  for (const std::string& asked : options.files) {
    plan.scenarios.push_back(scenario::load_scenario(scenario::find_scenario(asked, shipped), words,
                                                     overrides_of(options), shipped));
  }
  plan.jobs = options.jobs;
  plan.repeat = options.repeat;
  if (!options.out.empty()) plan.out = options.out;
  plan.allow_exec = options.allow_exec;
  warn_of_jobs(plan);
  if (options.dry_run) {
    plan.allow_exec = true;  // nothing is started, and the plan says what would be
    check_junit_file(options.junit);
    lab::check_prerequisites(plan);
    print_plan(plan);
    return kExitPass;
  }
  plan.keep = options.keep;
  plan.command = command_line;
  plan.progress = escape::Progress::style_for_stderr(options.quiet);
  const CiOutput ci(options.junit, options.out);
  os::note_stop_signals();
  const lab::Result result = lab::carry_out(plan);
  escape::print("{}\nrun folder: {}\n", escape::Lines{report::summary_table(result.summary)},
                result.folder.string());
  for (const std::string& death : result.deaths) escape::print(stderr, "walsoak: {}\n", death);
  if (!result.failure.empty()) escape::print(stderr, "walsoak: {}\n", result.failure);
  return ci.publish(result.summary, result.folder, result.failure, report_on(result));
}

}  // namespace

Action add_run(CLI::App& app, const std::vector<std::string>& command_line) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* const run =
      app.add_subcommand("run", "carry out scenarios, cell by cell, and print what was found");
  run->add_option(
         "scenario", options->files,
         "scenarios: files (JSON), or names that walsoak list scenarios shows; several go into one run")
      ->required()
      ->type_name("FILE|NAME");
  run->add_option("--out", options->out,
                  "run folder; new or empty (default: walsoak-runs/<scenario>-<UTC time>)")
      ->type_name("DIR");
  run->add_option("--set", options->sets, "a setting laid over the scenario, as NAME=VALUE; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  run->add_option("--fix", options->fix,
                  "a preset of scenarios/fixes.json laid over every cell; what it names wins, but for --set. "
                  "It is expected to cure: clean or churn instead of what the scenario expects")
      ->type_name("NAME");
  run->add_option("--tick-interval", options->interval,
                  "time between two ticks: 5s, 500ms, 1m; tick_interval_s")
      ->type_name("TIME");
  run->add_option("--boards", options->boards, "boards; the same as --set boards=N")->type_name("N");
  run->add_option("--board-template", options->board_template,
                  "boards are copies of this kanban.db, which is only read; board_template")
      ->type_name("FILE");
  run->add_option("--tasks-per-board", options->tasks, "tasks seeded on each board")->type_name("N");
  run->add_option("--workers", options->workers, "worker processes alive at most")->type_name("N");
  run->add_option("--ticks", options->ticks, "ticks of each cell")->type_name("N");
  run->add_option("--duration", options->duration,
                  "how long each cell lasts instead: 8h, 90m, 2d; duration_s")
      ->type_name("TIME")
      ->excludes("--ticks");
  run->add_option("--time-scale", options->scale, "divides every schedule of free-running cells")
      ->type_name("X");
  run->add_option("--jobs", options->jobs,
                  "cells side by side, where only counts are asked for: their times then disturb each other")
      ->check(CLI::Range(1, 64))
      ->type_name("N");
  run->add_option(
         "--repeat", options->repeat,
         "carry out each cell so often, in blocks of a seeded order: walsoak compare tells times from such "
         "runs only; repeat")
      ->check(CLI::Range(std::int64_t{1}, scenario::kMostRepeats))
      ->type_name("N");
  add_junit_option(*run, options->junit);
  run->add_flag(
      "--allow-exec", options->allow_exec,
      "run the code that the scenarios name: commands (exec_command) and Python functions (module)");
  run->add_flag("--keep", options->keep, "keep boards and logs of cells that passed, too");
  run->add_flag("--quiet", options->quiet, "no progress on stderr");
  run->add_flag(
      "--dry-run", options->dry_run,
      "check all that a run checks before it starts, and print cells, expectations and estimated time");
  run->footer(std::string("Examples:\n"
                          "  walsoak run quick\n"
                          "  walsoak run scenarios/split-generation.json --out /tmp/split --keep\n"
                          "  walsoak run scenarios/quick.json --set strategy=persistent --set ticks=600\n"
                          "  walsoak run scenarios/quick-may2026.json --fix close-always-33564\n"
                          "  walsoak run scenarios/quick.json --repeat 5\n"
                          "  walsoak run scenarios/quick.json --junit walsoak.xml\n"
                          "  walsoak run scenarios/soak-8h.json --tick-interval 5s --boards 30 --duration 8h "
                          "--time-scale 60\n\n") +
              exit_code_table(kJudges));
  return [options, &command_line] { return run_scenarios(*options, command_line); };
}

}  // namespace walsoak::cli
