// Where the programs, scripts and SQLite libraries of a run are.
#pragma once

#include <compare>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace walsoak::lab {

using EnvironmentChanges = std::map<std::string, std::optional<std::string>>;

// The folder that has walsoak's `scenarios` and `scripts`: $WALSOAK_HOME, share/walsoak of the prefix that
// this program is installed in, or the nearest folder above this program (a build tree in its checkout).
// Throws Refused.
std::filesystem::path home_folder();

// The path of one of walsoak's own programs: beside this one, or in libexec/walsoak of its prefix. Throws
// Failed, saying how to build it.
std::filesystem::path program(const std::string& name);

// One of the scripts as a user can call it from any folder; scripts/NAME where they are not found.
std::string script(const std::string& name);

// What walsoak-subject --describe prints: strategies, capabilities, SQLite. Throws Failed.
nlohmann::ordered_json describe_subject();

// The environment that makes a program load the SQLite of a cell's setting: nothing to change for "system",
// nor for the version that the system's library has where it is not in the cache. Throws Refused, naming the
// command that gets it, where a version is neither.
EnvironmentChanges sqlite_environment(const std::string& version);

// The program of a subject, by the cell's settings.
struct SubjectProgram {
  std::string subject;       // cpp, python or exec
  std::string exec_command;  // of exec alone
  std::string version;       // of SQLite; "system": any
  auto operator<=>(const SubjectProgram&) const = default;
};
SubjectProgram subject_program(const nlohmann::ordered_json& settings);

// Its command line. For python the first of pythons() whose sqlite3 module loads under `environment` with
// this SQLite version; for exec the shell, which becomes the command. Throws Refused.
std::vector<std::string> command_line_of(const SubjectProgram& program,
                                         const EnvironmentChanges& environment);

// The standard output of a program; nothing where it cannot be started or fails. Its working folder is the
// root folder: no file of ours (a matplotlibrc, say) may change its answer.
std::optional<std::string> output_of(const std::vector<std::string>& argv,
                                     const EnvironmentChanges& environment);

// The result of a program that was given `input` on its stdin, in the root folder too.
struct Answer {
  bool clean = false;      // it ran, and ended with 0
  std::string output;      // its stdout
  std::string last_words;  // the last line of its stderr, or why it could not be started
};
Answer answer_of(const std::vector<std::string>& argv, std::string_view input);

// The first program of that name on PATH, or nothing. Entries of PATH that are no absolute path are passed
// over: an empty one (PATH=/usr/bin:) means the working folder, which may hold anybody's files.
std::optional<std::string> find_on_path(const std::string& name);

// Where a Python may be, in the order in which to try them: $WALSOAK_PYTHON (a path, or a name to look for on
// PATH), then every python3 on PATH.
std::vector<std::string> pythons();

// A Python's command line, isolated (-I): it imports nothing from the working folder, PYTHONPATH or a user's
// site-packages, whose files could bear the name of any module. A script that imports its neighbours puts its
// own folder on sys.path.
std::vector<std::string> isolated(const std::string& python, const std::vector<std::string>& arguments);

}  // namespace walsoak::lab
