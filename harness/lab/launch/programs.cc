#include "harness/lab/launch/programs.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "harness/base/os/process.h"
#include "harness/base/os/unnamed_file.h"
#include "harness/base/shared/errors.h"
#include "harness/lab/launch/last_line.h"
#include "harness/protocol/channel.h"

namespace walsoak::lab {
namespace {

namespace fs = std::filesystem;

std::string environment_or(const char* name, const std::string& fallback) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

// As scripts/fetch-sqlite has it.
fs::path sqlite_cache() {
  const std::string home = environment_or("HOME", "/root");
  const fs::path cache = environment_or("XDG_CACHE_HOME", home + "/.cache");
  return fs::absolute(environment_or("WALSOAK_CACHE", (cache / "walsoak").string())) / "sqlite";
}

// Of a list as PATH is one: the loader and the shell take an empty entry for the working folder.
std::vector<std::string> absolute_entries(const std::string& list) {
  std::vector<std::string> entries;
  std::istringstream parts(list);
  for (std::string entry; std::getline(parts, entry, ':');) {
    if (entry.starts_with('/')) entries.push_back(entry);
  }
  return entries;
}

std::vector<std::string> all_on_path(const std::string& name) {
  std::vector<std::string> found;
  for (const std::string& folder : absolute_entries(environment_or("PATH", "/usr/bin:/bin"))) {
    const fs::path path = fs::path(folder) / name;
    if (::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path)) found.push_back(path);
  }
  return found;
}

std::string all_of(int fd) {
  std::string text;
  char chunk[4096];
  for (ssize_t got; (got = ::read(fd, chunk, sizeof chunk)) > 0;) {
    text.append(chunk, static_cast<std::size_t>(got));
  }
  return text;
}

// The stdout of a program that has the two as its stdin and stderr; nothing where it fails. Throws
// std::system_error where it cannot be started.
std::optional<std::string> output_to_the_end(const std::vector<std::string>& argv,
                                             const EnvironmentChanges& environment, int in, int err) {
  os::Pipe out = os::make_pipe();
  os::SpawnRequest request{.argv = argv, .environment = environment, .descriptors = {}, .folder = "/"};
  request.descriptors = {{0, in}, {1, out.write_end.get()}, {2, err}};
  const pid_t pid = os::spawn(request);
  out.write_end.reset();
  std::string text = all_of(out.read_end.get());
  if (!os::wait_for(pid).clean()) return std::nullopt;
  return text;
}

// Where `cmake --install` puts what users do not call themselves, below its prefix (CMakeLists.txt).
constexpr const char* kInstalledPrograms = "libexec/walsoak";
constexpr const char* kInstalledFiles = "share/walsoak";

bool is_home(const fs::path& folder) {
  return fs::is_directory(folder / "scenarios") && fs::is_directory(folder / "scripts");
}

fs::path own_folder() {
  return fs::path(os::own_path()).parent_path();
}

// The version that our programs load by themselves; "" where one is built in, since then no role has a
// choice, or where the subject program cannot say.
const std::string& system_sqlite() {
  static const std::string version = [] {
    try {
      const nlohmann::ordered_json subject = describe_subject();
      if (!subject.value("sqlite_built_in", false))
        return subject.at("sqlite").at("version").get<std::string>();
    } catch (const std::exception&) {
    }
    return std::string{};
  }();
  return version;
}

}  // namespace

fs::path home_folder() {
  if (const char* const named = std::getenv("WALSOAK_HOME")) return fs::absolute(named);
  // The installed place first: a prefix may lie in a checkout of another state.
  if (fs::path installed = own_folder().parent_path() / kInstalledFiles; is_home(installed)) return installed;
  for (fs::path at = own_folder(); at.has_relative_path(); at = at.parent_path()) {
    if (is_home(at)) return at;
  }
  throw Refused(fmt::format(
      "walsoak's scenarios and scripts are neither above {} nor in ../{} from it; set WALSOAK_HOME to the "
      "checkout",
      os::own_path(), kInstalledFiles));
}

std::string script(const std::string& name) {
  try {
    return (home_folder() / "scripts" / name).string();
  } catch (const Refused&) {
    return "scripts/" + name;
  }
}

fs::path program(const std::string& name) {
  const fs::path folder = own_folder();
  fs::path beside = folder / name;
  if (fs::exists(beside)) return beside;
  if (fs::path installed = folder.parent_path() / kInstalledPrograms / name; fs::exists(installed))
    return installed;
  if (fs::exists(folder / "CMakeCache.txt")) {
    throw Failed(fmt::format("{} is missing; build it: cmake --build {} --target {}", beside.string(),
                             folder.string(), name));
  }
  throw Failed(fmt::format("{} is missing, beside {} and in ../{}; build it (--target {}) and install again",
                           name, os::own_path(), kInstalledPrograms, name));
}

std::optional<std::string> output_of(const std::vector<std::string>& argv,
                                     const EnvironmentChanges& environment) {
  const os::Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  try {
    return output_to_the_end(argv, environment, nothing.get(), nothing.get());
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

Answer answer_of(const std::vector<std::string>& argv, std::string_view input) {
  try {
    const os::Descriptor in = os::unnamed_file(input);
    const os::Descriptor err = os::unnamed_file();
    const auto output = output_to_the_end(argv, {}, in.get(), err.get());
    ::lseek(err.get(), 0, SEEK_SET);
    return {output.has_value(), output.value_or(""), last_line(all_of(err.get()))};
  } catch (const std::system_error& error) {
    return {false, {}, error.what()};
  }
}

nlohmann::ordered_json describe_subject() {
  const std::string path = program("walsoak-subject");
  const std::optional<std::string> text = output_of({path, "--describe"}, {});
  auto description = nlohmann::ordered_json::parse(text.value_or(""), nullptr, false);
  if (!description.is_object()) throw Failed(path + " --describe failed");
  return description;
}

EnvironmentChanges sqlite_environment(const std::string& version) {
  if (version == "system") return {};
  // The cache first: its versions are all built with the same options, so that they can be compared.
  const fs::path folder = sqlite_cache() / version;
  if (!fs::exists(folder / "libsqlite3.so.0")) {
    if (version == system_sqlite()) return {};
    throw Refused(fmt::format("SQLite {} is not in {}; get it: {} {}", version, sqlite_cache().string(),
                              script("fetch-sqlite"), version));
  }
  std::string folders = folder.string();
  for (const std::string& before : absolute_entries(environment_or("LD_LIBRARY_PATH", ""))) {
    folders += ":" + before;
  }
  return {{"LD_LIBRARY_PATH", folders}};
}

std::optional<std::string> find_on_path(const std::string& name) {
  const std::vector<std::string> found = all_on_path(name);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<std::string> pythons() {
  std::vector<std::string> interpreters;
  const std::string named = environment_or("WALSOAK_PYTHON", "");
  if (named.find('/') != std::string::npos) {
    interpreters.push_back(fs::absolute(named));
  } else if (const auto found = named.empty() ? std::nullopt : find_on_path(named)) {
    interpreters.push_back(*found);
  }
  for (const std::string& found : all_on_path("python3")) interpreters.push_back(found);
  return interpreters;
}

std::vector<std::string> isolated(const std::string& python, const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{python, "-I"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

SubjectProgram subject_program(const nlohmann::ordered_json& settings) {
  return {settings.at("subject").get<std::string>(), settings.at("exec_command").get<std::string>(),
          settings.at("sqlite.subject").get<std::string>()};
}

std::vector<std::string> command_line_of(const SubjectProgram& asked, const EnvironmentChanges& environment) {
  const auto& [subject, exec_command, version] = asked;
  if (subject == "cpp") return {program("walsoak-subject")};
  // The process that is watched is the command's own, not a shell above it.
  if (subject == "exec") return {"/bin/sh", "-c", "exec " + exec_command};
  std::string seen;
  for (const std::string& python : pythons()) {
    const auto loaded =
        output_of(isolated(python, {"-c", "import sqlite3; print(sqlite3.sqlite_version)"}), environment);
    if (loaded && (version == "system" || *loaded == version + "\n")) {
      return isolated(python, {(home_folder() / "scripts/subjects/subject.py").string()});
    }
    seen += fmt::format(" {} ({})", python,
                        loaded ? "loads " + loaded->substr(0, loaded->size() - 1) : "no sqlite3");
  }
  throw Refused(fmt::format(
      "no Python here loads SQLite {}:{}; name one that links libsqlite3.so.0 with WALSOAK_PYTHON", version,
      seen));
}

}  // namespace walsoak::lab
