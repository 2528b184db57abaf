// walsoak watch: the kernel ledger of a process that walsoak did not start.
#include <memory>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/signals.h"
#include "harness/base/shared/duration.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/cli/commands.h"
#include "harness/cli/pid_option.h"
#include "harness/field/watch/watch.h"
#include "harness/report/blocks/watched.h"
#include "harness/report/render/report.h"

namespace walsoak::cli {
namespace {

struct WatchOptions {
  pid_t pid = 0;
  std::string name, duration, out;
  std::string every = "60s";
  bool peek = false;
  bool quiet = false;
};

watch::WatchPlan plan_of(const WatchOptions& options, const CommandLine& command_line) {
  watch::WatchPlan plan;
  if (options.name.empty() == (options.pid == 0)) {
    throw Refused("watch needs --pid N or --name PATTERN, one of the two (walsoak watch --help)");
  }
  if (options.pid != 0) plan.pid = options.pid;
  plan.name = options.name;
  if (!options.duration.empty()) plan.for_s = seconds_of("--for", options.duration);
  plan.manner.on_lines = options.every == "stdin";
  if (!plan.manner.on_lines) plan.manner.every_s = seconds_of("--every", options.every);
  plan.manner.peek = options.peek;
  if (!options.out.empty()) plan.out = options.out;
  plan.command = command_line;
  plan.report = [](const nlohmann::ordered_json& summary) { return report::report_markdown(summary, {}); };
  plan.progress = escape::Progress::style_for_stderr(options.quiet || plan.manner.on_lines);
  return plan;
}

}  // namespace

Action add_watch(CLI::App& app, const CommandLine& command_line) {
  auto options = std::make_shared<WatchOptions>();
  CLI::App* const watch = app.add_subcommand(
      "watch", "sample the descriptors, locks and sidecars of a running process; nothing but /proc is read");
  add_pid_option(*watch, options->pid, "the process");
  watch
      ->add_option(
          "--name", options->name,
          "the process whose command line matches, as for pgrep -f; followed when it is started anew")
      ->type_name("PATTERN");
  watch
      ->add_option("--for", options->duration, "how long, as 2h; without it until the process ends or Ctrl-C")
      ->type_name("TIME");
  watch
      ->add_option("--every", options->every,
                   "time between two samples; stdin: one sample for each line on standard input")
      ->capture_default_str()
      ->type_name("TIME|stdin");
  watch
      ->add_option("--out", options->out, "run folder; new or empty (default: walsoak-runs/watch-<UTC time>)")
      ->type_name("DIR");
  watch->add_flag(
      "--peek", options->peek,
      "read 100 bytes of open files that are named like databases and show neither sidecar nor lock");
  watch->add_flag("--quiet", options->quiet, "no progress on stderr");
  watch->footer(
      std::string("The end of the process, of the time, Ctrl-C and SIGTERM are normal ends.\n"
                  "In a container: on the host with the pid of docker inspect -f '{{.State.Pid}}' NAME "
                  "(as root), or copy\n"
                  "walsoak-watch into it (docker cp, kubectl cp) and run it there.\n\n"
                  "Examples:\n"
                  "  walsoak watch --pid 4711 --for 2h\n"
                  "  walsoak watch --name 'gateway.*--port 8080' --every 10s --out /tmp/gateway\n"
                  "  walsoak watch --pid 4711 --every stdin      # Enter: a sample, before and after\n\n") +
      exit_code_table({Ending::not_carried_out, Ending::usage, Ending::watched}));
  return [options, &command_line] {
    const watch::WatchPlan plan = plan_of(*options, command_line);
    os::note_stop_signals();
    const watch::WatchResult result = watch::watch_process(plan);
    escape::print("{}run folder: {}\n", escape::Lines{report::watch_text(result.summary)},
                  result.folder.string());
    return static_cast<int>(kExitPass);
  };
}

}  // namespace walsoak::cli
