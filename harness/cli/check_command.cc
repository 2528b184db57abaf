// walsoak check: a stored run judged anew, by its own expectations or by a scenario's.
#include <filesystem>
#include <memory>
#include <optional>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/cli/ci_output.h"
#include "harness/cli/commands.h"
#include "harness/judgement/review/stored_run.h"
#include "harness/lab/launch/programs.h"
#include "harness/model/scenario/list.h"
#include "harness/report/render/terminal.h"

namespace walsoak::cli {
namespace {

struct CheckOptions {
  std::string run;
  std::string scenario, junit;
  bool json = false;
};

// Empty for walsoak-watch on a machine without walsoak's files: there a path alone can be named.
std::filesystem::path shipped_scenarios() {
  try {
    return lab::home_folder() / "scenarios";
  } catch (const Refused&) {
    return {};
  }
}

review::Judged judged(const CheckOptions& options) {
  std::optional<scenario::Judgements> judgements;
  if (!options.scenario.empty()) {
    judgements.emplace(scenario::find_scenario(options.scenario, shipped_scenarios()),
                       scenario::Vocabulary{});
  }
  try {
    const os::RunFolder folder = os::RunFolder::open(options.run);
    return review::judge_again(folder.path(), judgements ? &*judgements : nullptr);
  } catch (const scenario::ScenarioError&) {
    throw;
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

int check(const CheckOptions& options) {
  const CiOutput ci(options.junit);
  const auto [summary, remarks] = judged(options);
  for (const std::string& remark : remarks) escape::print(stderr, "walsoak: {}\n", remark);
  escape::print(
      "{}", escape::Lines{options.json ? escape::json(summary, 1) + "\n" : report::summary_table(summary)});
  return ci.publish(summary, options.run, {}, summary.at("exit_code").get<int>());
}

}  // namespace

Action add_check(CLI::App& app, const CommandLine&) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App* const check_app =
      app.add_subcommand("check", "judge a stored run anew, from its streams; nothing is run or written");
  check_app->add_option("run", options->run, "run folder")->required()->type_name("RUN");
  check_app
      ->add_option("--scenario", options->scenario,
                   "judge by this file's `expect` and `thresholds` instead of those that the run was made "
                   "with; where it has cells, they must be the run's")
      ->type_name("FILE|NAME");
  add_junit_option(*check_app, options->junit);
  check_app->add_flag("--json", options->json, "print the whole summary (docs/record.md)");
  check_app->footer(std::string("Examples:\n"
                                "  walsoak check walsoak-runs/soak-8h-20261123T180000Z\n"
                                "  walsoak check RUN --junit walsoak.xml\n"
                                "  walsoak check RUN --scenario gates.json   "
                                "# {\"schema_version\": 1, \"thresholds\": [\"lost_commits == 0\"]}\n\n") +
                    exit_code_table(kJudges));
  return [options] { return check(*options); };
}

}  // namespace walsoak::cli
