// One line about a wrong command line: names the option or argument, suggests the one that was
// probably meant, and says whose --help to read.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace walsoak::cli {

// `error` is what the parse of `app` ended with, for the arguments that were `typed`; `name` is the
// program's.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error, const std::string& name,
                        const std::vector<std::string>& typed);

}  // namespace walsoak::cli
