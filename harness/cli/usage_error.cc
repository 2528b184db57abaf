#include "harness/cli/usage_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "harness/base/shared/nearest.h"

namespace walsoak::cli {
namespace {

bool is_option(const std::string& argument) {
  return argument.size() > 1 && argument.front() == '-' && argument != "--";
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

// "--tick=5" names the option --tick.
std::string unknown_option(const CLI::App& command, const std::string& argument) {
  const std::string option = argument.substr(0, argument.find('='));
  const std::vector<std::string> names = options_of(command);
  const std::string_view meant = nearest(option, views(names));
  return fmt::format("unknown option {}{}", option,
                     meant.empty() ? std::string() : fmt::format("; did you mean {}?", meant));
}

// Of a command that takes a program and its arguments behind "--": those of its arguments that look like
// options are taken for ours without it.
std::string separator_hint(const CLI::App& command, const std::string& whole) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_type_name().starts_with("-- ") && !option->empty()) {
      return fmt::format("; a program and its arguments stand behind --: {} -- {} ...", whole,
                         option->results().front());
    }
  }
  return {};
}

}  // namespace

std::string usage_error(const CLI::App& app, const CLI::ParseError& error, const std::string& name,
                        const std::vector<std::string>& typed) {
  const auto parsed = app.get_subcommands([](const CLI::App* command) { return command->parsed(); });
  const CLI::App& command = parsed.empty() ? app : *parsed.front();
  const std::string whole = parsed.empty() ? name : name + " " + command.get_name();
  const std::vector<std::string> unexpected = command.remaining();
  // Whatever else is wrong or missing, a misspelt option may be why.
  const auto option = std::find_if(unexpected.begin(), unexpected.end(), is_option);
  std::string what = error.what();
  if (option != unexpected.end()) {
    const bool separated = std::find(typed.begin(), typed.end(), "--") != typed.end();
    const std::string hint = separated ? std::string() : separator_hint(command, whole);
    what =
        hint.empty() ? unknown_option(command, *option) : fmt::format("unknown option {}{}", *option, hint);
  } else if (!unexpected.empty()) {
    what = fmt::format("unexpected argument \"{}\"", unexpected.front());
  }
  return fmt::format("{}: {} ({} --help)", whole, what, whole);
}

}  // namespace walsoak::cli
