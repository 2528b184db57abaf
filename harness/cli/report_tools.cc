#include "harness/cli/report_tools.h"

#include <fmt/format.h>

#include <system_error>
#include <vector>

#include "harness/base/escape/terminal.h"
#include "harness/base/os/process.h"
#include "harness/base/shared/errors.h"
#include "harness/lab/launch/programs.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

// The first Python that can import them, or nothing.
std::optional<std::string> python_with(const std::string& modules) {
  for (const std::string& python : lab::pythons()) {
    if (lab::output_of(lab::isolated(python, {"-c", "import " + modules}), {})) return python;
  }
  return std::nullopt;
}

// A script of walsoak's, its interpreter first, and what comes of its absence.
struct Tool {
  const char* makes;
  const char* script;
  const char* modules;
  const char* packages;
};
constexpr Tool kDraws{"pictures", "scripts/plots/all.py", "matplotlib, numpy", "python3-matplotlib"};
constexpr Tool kCompares{"table of reported beside measured", "scripts/lib/field_report.py", "json",
                         "python3"};
constexpr Tool kWrites{"report.html", "scripts/report_html/make.py", "jinja2", "python3-jinja2"};

void say_without(const Tool& tool, const std::string& why) {
  escape::print(stderr, "walsoak: no {}: {}\n", tool.makes, why);
}

// What the tool printed; nothing, with the one line that says why, where it did not do its work.
std::optional<std::string> output_of_tool(const Tool& tool, const std::vector<std::string>& arguments,
                                          std::string_view input) {
  fs::path script;
  try {
    script = lab::home_folder() / tool.script;
  } catch (const Refused&) {
    // walsoak-watch is one file, without the scripts.
    say_without(tool, "walsoak's scripts are not here; set WALSOAK_HOME to a checkout");
    return std::nullopt;
  }
  const auto python = python_with(tool.modules);
  if (!python) {
    say_without(tool, fmt::format("no Python with {} here; install {}", tool.modules, tool.packages));
    return std::nullopt;
  }
  std::vector<std::string> words{script.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  lab::Answer answer = lab::answer_of(lab::isolated(*python, words), input);
  if (answer.clean) return std::move(answer.output);
  say_without(tool, fmt::format("{} failed: {}", tool.script, answer.last_words));
  return std::nullopt;
}

}  // namespace

void draw_pictures(const fs::path& folder, bool svg) {
  output_of_tool(kDraws, {folder.string(), "--format", svg ? "both" : "png"}, {});
}

std::optional<std::string> field_table_of(const fs::path& folder) {
  return output_of_tool(kCompares, {folder.string(), "--json"}, {});
}

std::optional<std::string> html_of(const fs::path& folder, const nlohmann::ordered_json& page) {
  return output_of_tool(kWrites, {folder.string()},
                        page.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void open_for_the_user(const fs::path& file) {
  const auto opener = lab::find_on_path("xdg-open");
  if (!opener) {
    escape::print(stderr, "walsoak: not opened: no xdg-open here; install xdg-utils, or open {}\n",
                  file.string());
    return;
  }
  try {
    // A group of its own: Ctrl-C here must not end a browser. In the root folder: it looks for browsers on
    // PATH.
    os::spawn({.argv = {*opener, file.string()},
               .environment = {},
               .descriptors = {},
               .folder = "/",
               .own_group = true});
  } catch (const std::system_error& error) {
    escape::print(stderr, "walsoak: not opened: {}\n", error.what());
  }
}

}  // namespace walsoak::cli
