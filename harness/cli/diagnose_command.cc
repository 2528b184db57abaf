// walsoak diagnose: what a run, a process or a listing is consistent with, in words.
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/os/signals.h"
#include "harness/base/proc/program_kind.h"
#include "harness/base/shared/duration.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/version.h"
#include "harness/cli/commands.h"
#include "harness/cli/pid_option.h"
#include "harness/field/listing/listing.h"
#include "harness/field/watch/snapshot.h"
#include "harness/judgement/review/stored_diagnosis.h"
#include "harness/report/blocks/diagnosis.h"

namespace walsoak::cli {
namespace {

using nlohmann::ordered_json;

struct DiagnoseOptions {
  std::string run, cell, listing;
  pid_t pid = 0;
  std::string every = "1s", duration = "2s";
  bool peek = false, json = false, explain = false;
  judgement::Paths paths = judgement::Paths::left_out;
};

ordered_json of_run(const DiagnoseOptions& options, const judgement::Circumstances& circumstances) {
  try {
    const os::RunFolder folder = os::RunFolder::open(options.run);
    return review::diagnose_run(folder.path(), options.cell, circumstances, options.paths);
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

ordered_json of_stream(const std::vector<ordered_json>& lines, const DiagnoseOptions& options,
                       const judgement::Circumstances& circumstances) {
  facts::ProcessHistory evidence;
  for (const ordered_json& line : lines) evidence.accept(line);
  const std::string cell = lines.front().value("cell", std::string{});
  return judgement::case_json(cell, evidence, circumstances, options.paths);
}

ordered_json of_process(const DiagnoseOptions& options, judgement::Circumstances circumstances) {
  watch::GlancePlan plan;
  plan.pid = options.pid;
  plan.manner.every_s = seconds_of("--every", options.every);
  plan.for_s = seconds_of("--for", options.duration);
  plan.manner.peek = options.peek;
  os::note_stop_signals();
  const std::vector<ordered_json> lines = watch::glance_at(plan);
  const os::ProgramKind kind = os::program_kind(options.pid);
  circumstances.preloads = kind.preloads;
  if (kind.own_files) circumstances.container = "host";
  return ordered_json::array({of_stream(lines, options, circumstances)});
}

// Standard input for "-". Throws Refused where it cannot be read.
std::string listing_text(const std::string& file) {
  std::ostringstream text;
  if (file == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  errno = 0;  // an empty file fails below without a reason
  std::ifstream stream(file, std::ios::binary);
  if (!stream || !(text << stream.rdbuf()))
    throw Refused(
        fmt::format("--lsof {}: {}", file, errno == 0 ? "nothing can be read there" : std::strerror(errno)));
  return text.str();
}

ordered_json of_listing(const DiagnoseOptions& options, judgement::Circumstances circumstances) {
  const auto pid = options.pid == 0 ? std::nullopt : std::optional<std::int64_t>(options.pid);
  ordered_json cells = ordered_json::array();
  circumstances.listing = true;
  for (watch::ListingStream& stream : watch::streams_of_listing(listing_text(options.listing), pid)) {
    circumstances.macos = stream.context.macos;
    circumstances.on_disk = stream.context.on_disk;
    circumstances.container = stream.context.container;
    circumstances.remarks = std::move(stream.context.remarks);
    cells.push_back(of_stream(stream.lines, options, circumstances));
  }
  return cells;
}

void require_one_source(const DiagnoseOptions& options) {
  const bool outside = options.pid != 0 || !options.listing.empty();
  if (options.run.empty() != outside) {
    throw Refused("name one of RUN, --pid N and --lsof FILE (walsoak diagnose --help)");
  }
  if (options.run.empty() && !options.cell.empty()) throw Refused("--cell is of a RUN");
}

int diagnose(const DiagnoseOptions& options, const std::string& program) {
  require_one_source(options);
  judgement::Circumstances circumstances;
  circumstances.program = program;
  ordered_json document{{"schema_version", 1}, {"walsoak", kVersion}};
  if (!options.run.empty()) {
    document["source"] = "run";
    document["cells"] = of_run(options, circumstances);
  } else if (!options.listing.empty()) {
    document["source"] = "listing";
    document["cells"] = of_listing(options, circumstances);
  } else {
    document["source"] = "process";
    document["cells"] = of_process(options, circumstances);
  }
  const auto form = options.explain ? report::DiagnosisForm::whole : report::DiagnosisForm::brief;
  escape::print("{}", escape::Lines{options.json ? escape::json(document, 1) + "\n"
                                                 : report::diagnosis_text(document, form)});
  return kExitPass;
}

}  // namespace

Action add_diagnose(CLI::App& app, const CommandLine& command_line) {
  auto options = std::make_shared<DiagnoseOptions>();
  CLI::App* const command = app.add_subcommand("diagnose",
                                               "say what a run, a running process or a pasted listing is "
                                               "consistent with, what it rules out and what cures it");
  command->add_option("run", options->run, "run folder, of walsoak run or walsoak watch")->type_name("RUN");
  command->add_option("--cell", options->cell, "this cell of RUN alone")->type_name("NAME");
  add_pid_option(*command, options->pid, "a running process: a few samples now, nothing is written");
  command
      ->add_option(
          "--lsof", options->listing,
          "pasted text: what lsof -n -P -p N or ls -l /proc/N/fd prints, several in a row too; -: standard "
          "input; --pid says which of several processes in it")
      ->type_name("FILE|-");
  command->add_option("--every", options->every, "time between two samples of --pid")
      ->capture_default_str()
      ->type_name("TIME");
  command->add_option("--for", options->duration, "how long --pid is sampled")
      ->capture_default_str()
      ->type_name("TIME");
  command->add_flag("--peek", options->peek, "as for watch");
  command->add_flag("--explain", options->explain,
                    "every cause that fits, with its numbers and cures, and what is ruled out");
  command->add_flag("--json", options->json, "print JSON (docs/record.md)");
  command->add_flag_callback(
      "--no-redact", [options] { options->paths = judgement::Paths::shown; },
      "show the paths of databases and the arguments of the command, which are left out otherwise");
  command->footer(
      std::string("Five lines: what is seen, what it means, what to do now, and what would settle it. One "
                  "cause is\nnamed only where the ledgers at hand exclude the others. It is no gate.\n\n"
                  "Examples:\n"
                  "  walsoak diagnose --pid 4711                       # 3 samples, a second apart\n"
                  "  walsoak diagnose --pid 4711 --every 10s --for 10m # slow growth, too\n"
                  "  lsof -n -P -p 4711 | walsoak diagnose --lsof -\n"
                  "  walsoak diagnose walsoak-runs/watch-20261124T040000Z --json\n"
                  "  walsoak diagnose walsoak-runs/soak-2h-20261123T180000Z --cell c07\n\n") +
      exit_code_table({Ending::signalled, Ending::not_carried_out, Ending::usage, Ending::diagnosed}));
  return [options, &command_line] {
    const std::string& typed = command_line.front();
    return diagnose(*options, typed.find("walsoak-watch") != std::string::npos ? "walsoak-watch" : "walsoak");
  };
}

}  // namespace walsoak::cli
