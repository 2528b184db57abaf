// What a plan needs, checked before anything is started.
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "harness/base/os/run_folder.h"
#include "harness/base/shared/errors.h"
#include "harness/lab/launch/board_template.h"
#include "harness/lab/launch/programs.h"
#include "harness/lab/run/run.h"
#include "harness/model/cells/describe.h"

namespace walsoak::lab {
namespace {

constexpr const char* kRoles[] = {"sqlite.subject", "sqlite.worker", "sqlite.checker"};

}  // namespace

scenario::Vocabulary vocabulary() {
  scenario::Vocabulary words;
  const nlohmann::ordered_json description = describe_subject();
  for (const auto& strategy : description.at("strategies")) {
    words.strategies.push_back(strategy.at("name").get<std::string>());
  }
  return words;
}

// The workers' socket lies there.
void require_temporary_folder() {
  std::error_code error;
  const auto folder = std::filesystem::temp_directory_path(error);
  if (!error) return;
  const char* const named = std::getenv("TMPDIR");
  throw Refused(fmt::format("TMPDIR {}: {}; set it to a folder that is there, as /tmp",
                            named != nullptr ? named : "is not set, and /tmp", error.message()));
}

// A scenario may come from anywhere: what it would start is shown, and started only where that was allowed.
void require_allowed(const scenario::Scenario& scenario) {
  for (const scenario::Cell& cell : scenario.cells) {
    const std::string code = scenario::foreign_code(cell.settings);
    if (code.empty()) continue;
    throw Refused(fmt::format("{} would run {}; --allow-exec lets it", scenario.path.string(), code));
  }
}

// The subject would find it missing only after the run has begun.
void require_module(const scenario::Scenario& scenario, const scenario::Cell& cell) {
  const std::string module = cell.settings.at("module").get<std::string>();
  if (module.empty()) return;
  const std::size_t colon = module.rfind(':');
  const std::string file = colon == std::string::npos ? "" : module.substr(0, colon);
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return;
  throw Refused(fmt::format("{}: module {}: {}; expected FILE:FUNCTION, with FILE as seen from here",
                            scenario.path.string(), module,
                            file.empty() ? "names no file and function" : "there is no file " + file));
}

void require_new_folder(const Plan& plan) {
  if (!plan.out) return;
  try {
    os::RunFolder::require_new(*plan.out);
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

void check_prerequisites(const Plan& plan) {
  const std::vector<scenario::Scenario>& scenarios = plan.scenarios;
  require_temporary_folder();
  require_new_folder(plan);
  for (const char* name : {"walsoak-subject", "walsoak-worker", "walsoak-checker"}) program(name);
  if (!plan.allow_exec) std::for_each(scenarios.begin(), scenarios.end(), require_allowed);
  const bool built_in = describe_subject().value("sqlite_built_in", false);
  std::set<std::string> versions, missing;
  std::set<SubjectProgram> subjects;
  for (const scenario::Scenario& scenario : scenarios) {
    for (const scenario::Cell& cell : scenario.cells) {
      for (const char* role : kRoles) versions.insert(cell.settings.at(role).get<std::string>());
      subjects.insert(subject_program(cell.settings));
      require_module(scenario, cell);
    }
  }
  for (const scenario::Scenario& scenario : scenarios) {
    std::set<std::string> templates;
    for (const scenario::Cell& cell : scenario.cells) {
      templates.insert(cell.settings.at("board_template").get<std::string>());
    }
    templates.erase("");
    for (const std::string& source : templates) check_board_template(source, scenario.path.string());
  }
  versions.erase("system");
  if (built_in && !versions.empty()) {
    throw Refused("this build has SQLite built in (-DWALSOAK_SQLITE), so that no role can be given version " +
                  *versions.begin() + "; use a build on the system's library");
  }
  for (const std::string& version : versions) {
    try {
      sqlite_environment(version);
    } catch (const Refused&) {
      missing.insert(version);
    }
  }
  if (!missing.empty()) {
    throw Refused(fmt::format("SQLite {} {} missing; get {}: {} {}", fmt::join(missing, ", "),
                              missing.size() == 1 ? "is" : "are", missing.size() == 1 ? "it" : "them",
                              script("fetch-sqlite"), fmt::join(missing, " ")));
  }
  for (const SubjectProgram& subject : subjects)
    command_line_of(subject, sqlite_environment(subject.version));
}

}  // namespace walsoak::lab
