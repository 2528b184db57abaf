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

// Why the cell's Python module cannot be there, or "": the subject would find out only after the run began.
std::string missing_module(const scenario::Scenario& scenario, const scenario::Cell& cell) {
  const std::string module = cell.settings.at("module").get<std::string>();
  if (module.empty()) return {};
  const std::size_t colon = module.rfind(':');
  const std::string file = colon == std::string::npos ? "" : module.substr(0, colon);
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return {};
  return fmt::format("{}: module {}: {}; expected FILE:FUNCTION, with FILE as seen from here",
                     scenario.path.string(), module,
                     file.empty() ? "names no file and function" : "there is no file " + file);
}

void require_new_folder(const Plan& plan) {
  if (!plan.out) return;
  try {
    os::RunFolder::require_new(*plan.out);
  } catch (const std::exception& error) {
    throw Refused(error.what());
  }
}

// What the scenarios name and this machine lacks, a line each: modules, board templates, versions of SQLite,
// Pythons. Each once.
std::vector<std::string> missing_things(const std::vector<scenario::Scenario>& scenarios) {
  std::vector<std::string> missing;
  const auto add = [&missing](const std::string& line) {
    if (!line.empty() && std::find(missing.begin(), missing.end(), line) == missing.end())
      missing.push_back(line);
  };
  const auto add_refusal = [&add](const auto& check) {
    try {
      check();
    } catch (const Refused& refused) {
      add(refused.what());
    }
  };
  std::set<std::string> versions;
  std::set<SubjectProgram> subjects;
  for (const scenario::Scenario& scenario : scenarios) {
    std::set<std::string> templates;
    for (const scenario::Cell& cell : scenario.cells) {
      add(missing_module(scenario, cell));
      templates.insert(cell.settings.at("board_template").get<std::string>());
      for (const char* role : kRoles) versions.insert(cell.settings.at(role).get<std::string>());
      subjects.insert(subject_program(cell.settings));
    }
    templates.erase("");
    for (const std::string& source : templates)
      add_refusal([&] { check_board_template(source, scenario.path.string()); });
  }
  std::set<std::string> lacking;
  for (const std::string& version : versions) {
    try {
      sqlite_environment(version);
    } catch (const Refused&) {
      lacking.insert(version);
    }
  }
  if (!lacking.empty()) {
    add(fmt::format("SQLite {} {} missing; get {}: {} {}", fmt::join(lacking, ", "),
                    lacking.size() == 1 ? "is" : "are", lacking.size() == 1 ? "it" : "them",
                    script("fetch-sqlite"), fmt::join(lacking, " ")));
  }
  for (const SubjectProgram& subject : subjects) {
    if (lacking.count(subject.version) > 0) continue;
    add_refusal([&] { command_line_of(subject, sqlite_environment(subject.version)); });
  }
  return missing;
}

void require_no_version_of_built_in(const std::vector<scenario::Scenario>& scenarios) {
  if (!describe_subject().value("sqlite_built_in", false)) return;
  for (const scenario::Scenario& scenario : scenarios) {
    for (const scenario::Cell& cell : scenario.cells) {
      for (const char* role : kRoles) {
        const auto version = cell.settings.at(role).get<std::string>();
        if (version == "system") continue;
        throw Refused(
            "this build has SQLite built in (-DWALSOAK_SQLITE), so that no role can be given version " +
            version + "; use a build on the system's library");
      }
    }
  }
}

void check_prerequisites(const Plan& plan) {
  const std::vector<scenario::Scenario>& scenarios = plan.scenarios;
  require_temporary_folder();
  require_new_folder(plan);
  for (const char* name : {"walsoak-subject", "walsoak-worker", "walsoak-checker"}) program(name);
  if (!plan.allow_exec) std::for_each(scenarios.begin(), scenarios.end(), require_allowed);
  require_no_version_of_built_in(scenarios);
  const std::vector<std::string> missing = missing_things(scenarios);
  if (missing.size() == 1) throw Refused(missing.front());
  if (!missing.empty()) {
    throw Refused(fmt::format("{} things that the scenarios name are missing:", missing.size()), missing);
  }
}

}  // namespace walsoak::lab
