// What a plan needs, checked before anything is started.
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "harness/run/board_template.h"
#include "harness/run/errors.h"
#include "harness/run/programs.h"
#include "harness/run/run.h"

namespace walsoak::run {
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

void check_prerequisites(const std::vector<scenario::Scenario>& scenarios) {
  require_temporary_folder();
  for (const char* name : {"walsoak-subject", "walsoak-worker", "walsoak-checker"}) program(name);
  const bool built_in = describe_subject().value("sqlite_built_in", false);
  std::set<std::string> versions, missing;
  std::set<std::pair<std::string, std::string>> subjects;
  for (const scenario::Scenario& scenario : scenarios) {
    for (const scenario::Cell& cell : scenario.cells) {
      for (const char* role : kRoles) versions.insert(cell.settings.at(role).get<std::string>());
      subjects.emplace(cell.settings.at("subject").get<std::string>(),
                       cell.settings.at("sqlite.subject").get<std::string>());
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
    throw Refused(fmt::format("SQLite {} {} missing; get {}: scripts/fetch-sqlite {}",
                              fmt::join(missing, ", "), missing.size() == 1 ? "is" : "are",
                              missing.size() == 1 ? "it" : "them", fmt::join(missing, " ")));
  }
  for (const auto& [subject, version] : subjects)
    subject_command(subject, version, sqlite_environment(version));
}

}  // namespace walsoak::run
