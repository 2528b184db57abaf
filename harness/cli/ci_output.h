// What a command tells CI about a judged run, besides its table and exit code: the file of --junit, and in
// GitHub Actions annotations and the summary of the step.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace walsoak::cli {

// Adds --junit, which sets `file`.
void add_junit_option(CLI::App& command, std::string& file);

// That --junit names a file that may be written; it is not touched. Throws Refused as CiOutput does.
void check_junit_file(const std::string& file);

class CiOutput {
 public:
  // Of --junit; empty where it was not given. `made_later` is the folder that the run will make: a file right
  // in it cannot be tried before. Throws Refused with one line where the file cannot be written.
  explicit CiOutput(std::string junit, const std::filesystem::path& made_later = {});

  // `run_folder` holds run.json; `failure` is why the run could not be carried out, or empty. Annotations go
  // to stderr. Returns the exit code: `exit_code`, or 4 where the JUnit file could not be written and nothing
  // weighs more. A step summary that cannot be written changes none; for each of the two, one line says so.
  int publish(const nlohmann::ordered_json& summary, const std::filesystem::path& run_folder,
              const std::string& failure, int exit_code) const;

 private:
  std::string junit_;
};

}  // namespace walsoak::cli
