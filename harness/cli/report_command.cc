// walsoak report: a stored run as report.md and report.html, with the pictures that this machine can draw.
#include <memory>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/cli/commands.h"
#include "harness/cli/report_files.h"
#include "harness/cli/report_tools.h"
#include "harness/evidence/record/run_files.h"
#include "harness/judgement/review/sample_digest.h"
#include "harness/report/render/page.h"
#include "harness/report/render/report.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

// Of a cell in report.html.
constexpr std::size_t kMostSamples = 24;

os::RunFolder open_folder(const std::string& path) {
  try {
    return os::RunFolder::open(path);
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

struct ReportOptions {
  std::string run;
  bool pictures = true;
  bool html = false;
  bool open = false;
  report::Names names = report::Names::redacted;
};

void write_page(const os::RunFolder& folder, const nlohmann::ordered_json& summary,
                const report::Sources& sources, report::Names names) {
  const auto samples_of = [&folder](const std::string& cell) {
    return review::samples_of(folder.path() / "cells" / (cell + ".jsonl"), kMostSamples);
  };
  const auto page = report::page(summary, sources, names, samples_of);
  if (const auto html = html_of(folder.path(), page)) {
    folder.replace_file("report.html", *html, report_mode(names));
  } else {
    // One of an older summary must not pass for this one's.
    folder.remove_tree("report.html");
  }
}

// Returns the path of what was written for people: report.html where there is one now, else report.md.
fs::path write_report(const ReportOptions& options) {
  const os::RunFolder folder = open_folder(options.run);
  const nlohmann::ordered_json summary = record::read_summary(folder.path());
  if (options.pictures) draw_pictures(folder.path(), options.html);
  const report::Sources sources = sources_of(folder.path());
  escape::print("report: {}\n", write_markdown(folder, summary, sources, options.names).string());
  if (!options.html) return folder.path() / "report.md";
  write_page(folder, summary, sources, options.names);
  if (!fs::exists(folder.path() / "report.html")) return folder.path() / "report.md";
  escape::print("report: {}\n", (folder.path() / "report.html").string());
  return folder.path() / "report.html";
}

}  // namespace

Action add_report(CLI::App& app, const CommandLine&) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* const report = app.add_subcommand(
      "report", "write report.md into a run's folder, its pictures, and report.html where asked for");
  report->add_option("run", options->run, "run folder")->required()->type_name("RUN");
  report->add_flag(
      "--html", options->html,
      "write report.html, too: one file with pictures, tables to sort and each cell in detail, "
      "which loads nothing from elsewhere (`walsoak run` writes report.md alone, without pictures)");
  report->add_flag("--open", options->open, "open the report.html, which --open makes, with xdg-open");
  report->add_flag("!--no-pictures", options->pictures,
                   "draw none; pictures that are there are shown all the same");
  report->add_flag_callback(
      "--no-redact", [options] { options->names = report::Names::shown; },
      "show the names of host and user, the home folder, databases outside the run folder and arguments of "
      "commands, which are taken out otherwise");
  report->footer(std::string("Pictures need a Python with matplotlib, report.html one with jinja2: without "
                             "them a line on stderr says\nwhat the report goes without, and the exit code is "
                             "0.\n\n"
                             "Examples:\n  walsoak report walsoak-runs/quick-20261123T180000Z\n"
                             "  walsoak report walsoak-runs/quick-20261123T180000Z --html\n"
                             "  walsoak report walsoak-runs/quick-20261123T180000Z --open\n\n") +
                 exit_code_table({Ending::signalled, Ending::not_carried_out, Ending::usage, Ending::done}));
  return [options] {
    options->html = options->html || options->open;
    const fs::path written = write_report(*options);
    if (options->open) open_for_the_user(written);
    return static_cast<int>(kExitPass);
  };
}

}  // namespace walsoak::cli
