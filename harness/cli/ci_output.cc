#include "harness/cli/ci_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/output_file.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/evidence/record/run_files.h"
#include "harness/report/render/actions.h"
#include "harness/report/render/junit.h"
#include "harness/report/render/report.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool lies_right_in(const fs::path& file, const fs::path& folder) {
  return !folder.empty() && fs::absolute(file).lexically_normal().parent_path() ==
                                (fs::absolute(folder) / "").lexically_normal().parent_path();
}

void tell_actions(const nlohmann::ordered_json& summary, const std::string& failure) {
  if (variable("GITHUB_ACTIONS") != "true") return;
  // The runner reads both streams; stdout may be JSON.
  for (const std::string& line : report::annotations(summary, failure)) escape::print_command(stderr, line);
  const std::string file = variable("GITHUB_STEP_SUMMARY");
  if (file.empty()) return;
  try {
    os::append_output(file, report::brief_markdown(summary) + "\n");
  } catch (const std::exception& error) {
    escape::print(stderr, "walsoak: no step summary (GITHUB_STEP_SUMMARY): {}\n", error.what());
  }
}

}  // namespace

void add_junit_option(CLI::App& command, std::string& file) {
  command
      .add_option(
          "--junit", file,
          "also write the verdicts as JUnit XML: a test case a cell and threshold; unknown is an error")
      ->type_name("FILE");
}

void check_junit_file(const std::string& file) {
  if (file.empty()) return;
  try {
    os::check_output(file, report::kJunitMark);
  } catch (const std::exception& error) {
    throw Refused(fmt::format("--junit {}", error.what()));
  }
}

CiOutput::CiOutput(std::string junit, const fs::path& made_later) : junit_(std::move(junit)) {
  if (junit_.empty() || lies_right_in(junit_, made_later)) return;
  try {
    os::claim_output(junit_, report::kJunitMark);
  } catch (const std::exception& error) {
    throw Refused(fmt::format("--junit {}", error.what()));
  }
}

int CiOutput::publish(const nlohmann::ordered_json& summary, const fs::path& run_folder,
                      const std::string& failure, int exit_code) const {
  tell_actions(summary, failure);
  if (junit_.empty()) return exit_code;
  try {
    os::write_output(junit_, report::junit_xml(summary, record::read_run(run_folder)));
  } catch (const std::exception& error) {
    escape::print(stderr, "walsoak: --junit: {}\n", error.what());
    return std::max<int>(exit_code, kExitNotCarriedOut);
  }
  return exit_code;
}

}  // namespace walsoak::cli
