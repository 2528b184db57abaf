// walsoak repro: prints the script that shows one mechanism beside its control, for somebody to run
// elsewhere.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "harness/base/escape/terminal.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/base/shared/nearest.h"
#include "harness/cli/commands.h"
#include "harness/report/repro/scripts.h"

namespace walsoak::cli {
namespace {

constexpr const char* kReproHelp =
    "Examples:\n"
    "  walsoak repro                                       the mechanisms, a line each\n"
    "  walsoak repro split-generation | python3 -I -       run it here\n"
    "  walsoak repro split-generation --lang c > split.c && cc split.c -lsqlite3 -o split && ./split\n"
    "\n"
    "A script needs Python 3.9 and its standard library, or a C compiler and SQLite, and touches nothing but "
    "a\n"
    "temporary folder of its own. It exits 0 where mechanism and control came out as they should, 1 where "
    "they\n"
    "did not, 2 with one line where the SQLite, the Python or the system there cannot show it.\n"
    "\n";

// Throws Refused with what is there instead.
const repro::Script& chosen(const std::string& mechanism, const std::string& language) {
  const std::string name = repro::hyphenated(mechanism);
  const std::vector<std::string_view> languages = repro::languages(name);
  if (languages.empty()) {
    const std::vector<std::string_view> names = repro::mechanisms();
    throw Refused(fmt::format("no mechanism \"{}\"; {}", mechanism, what_is_valid(name, names)));
  }
  const repro::Script* const script =
      repro::find(name, language.empty() ? languages.front() : std::string_view(language));
  if (!script) {
    throw Refused(
        fmt::format("{} has no script in \"{}\"; --lang {}", name, language, fmt::join(languages, " or ")));
  }
  return *script;
}

}  // namespace

void list_repros() {
  for (const std::string_view mechanism : repro::mechanisms()) {
    const std::vector<std::string_view> languages = repro::languages(mechanism);
    escape::print("{:<24}{} [{}]\n", mechanism, repro::summary(*repro::find(mechanism, languages.front())),
                  fmt::format("{}", fmt::join(languages, ", ")));
  }
}

Action add_repro(CLI::App& app, const CommandLine&) {
  struct Options {
    std::string mechanism, language;
  };
  auto options = std::make_shared<Options>();
  CLI::App* const command =
      app.add_subcommand("repro", "print a script that shows one mechanism and its control without walsoak");
  command->add_option("mechanism", options->mechanism, "its name; without one, all are listed")
      ->type_name("MECHANISM");
  command->add_option("--lang", options->language, "python (default) or c, where there is one")
      ->type_name("LANG");
  command->footer(std::string(kReproHelp) +
                  exit_code_table({Ending::signalled, Ending::not_carried_out, Ending::usage, Ending::done}));
  return [options] {
    if (!options->mechanism.empty()) {
      escape::put(stdout, chosen(options->mechanism, options->language).text);
    } else if (options->language.empty()) {
      list_repros();
    } else {
      throw Refused("--lang of which mechanism? walsoak repro lists them");
    }
    return static_cast<int>(kExitPass);
  };
}

}  // namespace walsoak::cli
