// walsoak report: a stored run as report.md, with the pictures that this machine can draw.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/exit_codes.h"
#include "harness/os/run_folder.h"
#include "harness/record/run_files.h"
#include "harness/report/report.h"
#include "harness/run/errors.h"
#include "harness/run/programs.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

// The first Python that can draw, or nothing.
std::optional<std::string> drawing_python() {
  std::vector<std::string> candidates;
  if (const char* const named = std::getenv("WALSOAK_PYTHON")) candidates.emplace_back(named);
  if (const auto found = run::find_on_path("python3")) candidates.push_back(*found);
  candidates.emplace_back("/usr/bin/python3");
  for (const std::string& python : candidates) {
    if (run::output_of({python, "-c", "import matplotlib, numpy"}, {})) return python;
  }
  return std::nullopt;
}

void draw(const fs::path& folder) {
  const auto python = drawing_python();
  if (!python) {
    fmt::print(stderr, "walsoak: no pictures: no Python with matplotlib here; install python3-matplotlib\n");
    return;
  }
  fs::path script;
  try {
    script = run::home_folder() / "scripts/plots/all.py";
  } catch (const run::Refused&) {
    // walsoak-watch is one file, without the scripts.
    fmt::print(
        stderr,
        "walsoak: no pictures: the scripts that draw them are not here; set WALSOAK_HOME to a checkout\n");
    return;
  }
  if (!run::output_of({*python, script.string(), folder.string()}, {})) {
    fmt::print(stderr, "walsoak: no pictures: {} {} failed; run it to see why\n", script.string(),
               folder.string());
  }
}

std::vector<std::string> pictures_in(const fs::path& folder) {
  std::vector<std::string> pictures;
  if (!fs::is_directory(folder / "pictures")) return pictures;
  for (const auto& entry : fs::directory_iterator(folder / "pictures")) {
    if (entry.path().extension() == ".png")
      pictures.push_back("pictures/" + entry.path().filename().string());
  }
  std::sort(pictures.begin(), pictures.end());
  return pictures;
}

os::RunFolder open_folder(const std::string& path) {
  try {
    return os::RunFolder::open(path);
  } catch (const std::exception& error) {
    throw run::Refused(error.what());
  }
}

struct ReportOptions {
  std::string run;
  bool pictures = true;
  report::Names names = report::Names::redacted;
};

// The titles of a run's scenarios, by the names that its cells begin with.
std::map<std::string, std::string> titles_of(const nlohmann::ordered_json& run) {
  std::map<std::string, std::string> titles;
  for (const auto& scenario : run.value("scenarios", nlohmann::ordered_json::array())) {
    const auto& content = scenario.at("content");
    const fs::path path = scenario.at("path").get<std::string>();
    titles[content.value("name", path.stem().string())] = content.value("title", std::string{});
  }
  return titles;
}

bool holds_field_reports(const nlohmann::ordered_json& run) {
  for (const auto& scenario : run.value("scenarios", nlohmann::ordered_json::array())) {
    if (scenario.at("content").contains("field")) return true;
  }
  return false;
}

// What field reports say beside what was measured (report/field.h); null for any other run, or where no
// Python is.
nlohmann::ordered_json field_of(const nlohmann::ordered_json& run, const fs::path& folder) {
  if (!holds_field_reports(run)) return nullptr;
  std::optional<std::string> text;
  try {
    const fs::path script = run::home_folder() / "scripts/lib/field_report.py";
    if (const auto python = run::find_on_path("python3")) {
      text = run::output_of({*python, script.string(), folder.string(), "--json"}, {});
    }
  } catch (const run::Refused&) {
    // walsoak-watch is one file, without the scripts.
  }
  const auto field = nlohmann::ordered_json::parse(text.value_or(""), nullptr, /*allow_exceptions=*/false);
  if (field.is_object()) return field;
  fmt::print(stderr,
             "walsoak: no table of reported beside measured: it needs Python 3 and walsoak's scripts "
             "(scripts/field-report {})\n",
             folder.string());
  return nullptr;
}

// Returns the path of report.md.
std::string write_report(const ReportOptions& options) {
  const os::RunFolder folder = open_folder(options.run);
  const nlohmann::ordered_json summary = record::read_summary(folder.path());
  const nlohmann::ordered_json run = record::read_run(folder.path());
  if (options.pictures) draw(folder.path());
  const report::Sources sources{pictures_in(folder.path()), titles_of(run), field_of(run, folder.path())};
  folder.replace_file("report.md", report::report_markdown(summary, sources, options.names));
  return (folder.path() / "report.md").string();
}

}  // namespace

Action add_report(CLI::App& app, const CommandLine&) {
  auto options = std::make_shared<ReportOptions>();
  CLI::App* const report =
      app.add_subcommand("report", "write report.md into a run's folder, and its pictures");
  report->add_option("run", options->run, "run folder")->required()->type_name("RUN");
  report->add_flag("!--no-pictures", options->pictures,
                   "text alone; pictures that are there are linked all the same");
  report->add_flag_callback(
      "--no-redact", [options] { options->names = report::Names::shown; },
      "show the names of host and user, the home folder, databases outside the run folder and arguments of "
      "commands, which are taken out otherwise");
  report->footer(std::string("Examples:\n  walsoak report walsoak-runs/quick-20261123T180000Z\n\n") +
                 kExitCodeTable);
  return [options] {
    fmt::print("report: {}\n", write_report(*options));
    return static_cast<int>(kPass);
  };
}

}  // namespace walsoak::cli
