// walsoak compare: runs of different builds, or the strategies of one run, beside each other.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/nearest.h"
#include "harness/base/shared/plain_reason.h"
#include "harness/cli/commands.h"
#include "harness/evidence/record/run_files.h"
#include "harness/judgement/compare/comparison.h"
#include "harness/model/vocabulary/metrics.h"
#include "harness/report/answer/comparison.h"

namespace walsoak::cli {
namespace {

struct CompareOptions {
  std::vector<std::string> runs;
  std::string by;
  std::string baseline;
  std::string tolerance = "10%";
  std::vector<std::string> metrics;
  bool allow_different = false;
  bool json = false;
  bool markdown = false;
  bool redact = true;
};

// "10%", "2.5%", "0%": a share.
double share_of(const std::string& text) {
  std::size_t end = 0;
  double percent = -1;
  try {
    percent = std::stod(text, &end);
  } catch (const std::exception&) {
    end = 0;
  }
  if (end == 0 || text.substr(end) != "%" || !(percent >= 0 && percent <= 1000)) {
    throw Refused(
        fmt::format("--tolerance {}: no share of the baseline; valid: 0% to 1000%, as in 10%", text));
  }
  return percent / 100;
}

void require_metric(const std::string& name) {
  const MetricInfo* const metric = find_metric(name);
  if (metric == nullptr) {
    std::vector<std::string_view> names;
    for (const MetricInfo& known : metrics_table()) names.push_back(known.name);
    throw Refused(fmt::format("--metric {}: no such metric; {}", name,
                              what_is_valid(name, names, "walsoak list metrics")));
  }
  if (metric->better == Direction::none) {
    throw Refused(fmt::format(
        "--metric {}: neither more nor less of it is better, so that nothing can be said of a difference",
        name));
  }
}

judgement::ComparedRun stored_run(const std::string& path) {
  try {
    const os::RunFolder folder = os::RunFolder::open(path);
    return {record::read_summary(folder.path()), record::read_run(folder.path())};
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

nlohmann::ordered_json compared(const CompareOptions& options,
                                const std::vector<judgement::ComparedRun>& runs) {
  judgement::ComparisonOptions how{share_of(options.tolerance), options.allow_different, options.metrics};
  try {
    if (options.by.empty()) return judgement::compare_runs(runs, how);
    const auto baseline = options.baseline.empty() ? std::nullopt : std::optional(options.baseline);
    return judgement::compare_along(runs.front(), options.by, baseline, how);
  } catch (const judgement::Incomparable& error) {
    throw Refused(error.what());
  } catch (const nlohmann::json::exception& error) {
    throw Refused(
        fmt::format("a summary.json is not of the shape of docs/record.md: {}", plain_reason(error)));
  }
}

int compare(const CompareOptions& options) {
  if (options.by.empty() && options.runs.size() < 2) {
    throw Refused("compare needs two runs, or one and the setting to compare along, as in: --by strategy");
  }
  if (!options.by.empty() && options.runs.size() > 1) {
    throw Refused("--by compares the cells of one run with each other; valid: one run");
  }
  if (options.by.empty() && !options.baseline.empty()) {
    throw Refused("--baseline names a value of --by; of several runs the first is the baseline");
  }
  if (options.json && options.markdown) throw Refused("--json and --markdown: only one of them");
  for (const std::string& metric : options.metrics) require_metric(metric);
  std::vector<judgement::ComparedRun> runs;
  for (const std::string& path : options.runs) runs.push_back(stored_run(path));
  nlohmann::ordered_json result = compared(options, runs);
  if (options.redact) {
    std::vector<nlohmann::ordered_json> summaries;
    for (const judgement::ComparedRun& run : runs) summaries.push_back(run.summary);
    result = report::redacted_comparison(result, summaries);
  }
  escape::print("{}", escape::Lines{options.json       ? escape::json(result, 1) + "\n"
                                    : options.markdown ? report::comparison_markdown(result)
                                                       : report::comparison_text(result)});
  return result.at("exit_code").get<int>();
}

constexpr const char* kCompareFooter =
    "Of each pair of cells (all settings equal) the finding, the verdict and every metric that has a "
    "direction are\n"
    "better, worse, the same, or cannot be told. Counts in lockstep are exact. Times, sizes and free-running "
    "counts are\n"
    "told from repeats (walsoak run --repeat 5, at least 5 on either side), on one machine, of cells that "
    "did not run\n"
    "side by side; docs/compare.md says how. A finding is worse the nearer it is to data loss: clean, churn, "
    "bounded\n"
    "growth, leak, wedged, data loss.\n\n"
    "Examples:\n"
    "  walsoak compare walsoak-runs/before walsoak-runs/after\n"
    "  walsoak compare BASELINE CANDIDATE --markdown >> \"$GITHUB_STEP_SUMMARY\"\n"
    "  walsoak compare BASELINE CANDIDATE --metric dispatch_p50_us --tolerance 5%\n"
    "  walsoak compare RUN --by strategy --baseline per-tick\n\n";

}  // namespace

Action add_compare(CLI::App& app, const CommandLine&) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App* const command = app.add_subcommand(
      "compare",
      "put runs, or the strategies of one, beside each other: better, worse, the same or cannot tell");
  command->add_option("run", options->runs, "run folders; the first is the baseline (at most 26)")
      ->required()
      ->expected(1, 26)
      ->type_name("RUN");
  command->add_option("--by", options->by, "compare the cells of one run along this setting")
      ->type_name("SETTING");
  command
      ->add_option("--baseline", options->baseline,
                   "value of that setting to compare with (default: the first)")
      ->type_name("VALUE");
  command
      ->add_option(
          "--tolerance", options->tolerance,
          "what a time, a size or a free-running count may differ by, of the baseline (default: 10%)")
      ->type_name("SHARE");
  command
      ->add_option("--metric", options->metrics,
                   "of the metrics compare this one alone, beside finding and verdict; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_flag(
      "--allow-different", options->allow_different,
      "compare different scenarios too: cells pair where they agree in all settings but those that are "
      "one value all over the one run (or the cells of it that are left) and another all over the other");
  command->add_flag("--json", options->json, "print the whole comparison (schemas/compare.schema.json)");
  command->add_flag("--markdown", options->markdown, "print tables for an issue or a job summary");
  command->add_flag("!--no-redact", options->redact,
                    "show names of host and user, home folders, and databases and commands of settings");
  command->footer(kCompareFooter +
                  exit_code_table({Ending::signalled, Ending::not_carried_out, Ending::different_runs,
                                   Ending::cannot_be_told, Ending::something_worse, Ending::nothing_worse}));
  return [options] { return compare(*options); };
}

}  // namespace walsoak::cli
