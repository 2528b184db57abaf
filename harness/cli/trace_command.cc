// walsoak trace: an unmodified program under the preloaded library: its SQLite connections, and every lock it
// loses.
#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "harness/cli/commands.h"
#include "harness/cli/exit_codes.h"
#include "harness/os/descriptor.h"
#include "harness/run/errors.h"
#include "harness/run/programs.h"
#include "harness/trace/events.h"
#include "harness/trace/launch.h"
#include "harness/trace/program.h"
#include "harness/trace/summary.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTraceHelp =
    "Examples:\n"
    "  walsoak trace -- python3 gateway.py --port 8080\n"
    "  walsoak trace --out events.jsonl -- ./server\n"
    "  walsoak trace --out - --no-follow -- ./server | jq 'select(.event == \"lock_loss\")'\n"
    "\n"
    "The program runs unchanged, with our standard streams, under a library that the dynamic linker "
    "preloads; "
    "it\n"
    "must be linked dynamically. Events are JSON Lines (docs/trace.md); a summary goes to standard error at "
    "the\n"
    "end. The exit code is the program's, 128 + the signal where one killed it; 3 and 4, with one line on "
    "standard\n"
    "error, where it was not started.\n"
    "\n";

struct TraceOptions {
  std::vector<std::string> command;
  std::string out;
  bool json = false;
  bool follow = true;
};

// The file that the program's events are appended to. A temporary one where they go to standard output.
class EventFile {
 public:
  explicit EventFile(const std::string& out) : to_stdout_(out == "-") {
    if (to_stdout_) {
      path_ = (fs::temp_directory_path() / "walsoak-trace-XXXXXX").string();
      file_ = os::Descriptor(::mkostemp(path_.data(), O_CLOEXEC));
    } else {
      path_ = fs::absolute(out.empty() ? default_name() : out).string();
      file_ = os::Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    }
    if (!file_.valid()) throw run::Refused(fmt::format("--out: {}: {}", path_, std::strerror(errno)));
  }
  ~EventFile() {
    if (to_stdout_) ::unlink(path_.c_str());
  }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  const std::string& path() const { return path_; }
  // What the summary says of where they are.
  std::string shown() const { return to_stdout_ ? std::string() : path_; }
  void show() const {
    if (!to_stdout_) return;
    std::cout << std::ifstream(path_).rdbuf();
    if (!std::cout.flush()) throw std::runtime_error("cannot write the events to standard output");
  }

 private:
  static std::string default_name() {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("walsoak-trace-{:%Y%m%dT%H%M%SZ}-{}.jsonl",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(now)), ::getpid());
  }

  bool to_stdout_;
  std::string path_;
  os::Descriptor file_;
};

fs::path preload_library() {
  try {
    return run::program("libwalsoak-trace.so");
  } catch (const std::exception& error) {
    throw std::runtime_error(error.what());
  }
}

// The path of the program, which can be traced. Throws Refused where there is none of that name.
std::string traceable(const std::string& name) {
  const auto found = name.find('/') == std::string::npos ? run::find_on_path(name) : std::optional(name);
  if (!found) throw run::Refused(name + ": no such program on PATH");
  if (::access(found->c_str(), X_OK) != 0) throw run::Refused(*found + ": " + std::strerror(errno));
  if (const auto reason = trace::why_untraceable(*found, run::find_on_path)) {
    throw std::runtime_error(*found + " cannot be traced: it " + *reason +
                             "; walsoak trace --pid needs no library");
  }
  return *found;
}

int trace_program(const TraceOptions& options) {
  trace::Launch launch{
      .command = options.command, .library = preload_library(), .events = {}, .follow = options.follow};
  launch.command.front() = traceable(options.command.front());
  const EventFile events(options.out);
  launch.events = events.path();
  const int code = trace::run_traced(launch);
  std::ifstream stream(events.path());
  const trace::Summary summary = trace::summarise(stream);
  events.show();
  if (options.json) {
    fmt::print(stderr, "{}\n", trace::json_of(summary).dump(2));
  } else if (summary.programs.empty()) {
    fmt::print(stderr, "walsoak: nothing was traced: the program did not load the library\n");
  } else {
    fmt::print(stderr, "{}", trace::text_of(summary, events.shown()));
  }
  return code;
}

}  // namespace

Action add_trace(CLI::App& app, const CommandLine&) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App* const command =
      app.add_subcommand("trace", "run a program and say which of its calls lose SQLite's locks");
  command->add_option("command", options->command, "the program and its arguments, behind --")
      ->required()
      ->type_name("-- COMMAND...");
  command
      ->add_option(
          "--out", options->out,
          "a new file for the events, or - for standard output, where they come when the program has "
          "ended; default walsoak-trace-<UTC time>-<pid>.jsonl")
      ->type_name("FILE|-");
  command->add_flag("--json", options->json, "the summary as JSON, on standard error too");
  command->add_flag("--follow,!--no-follow", options->follow,
                    "also trace the programs that it starts (default)");
  command->footer(std::string(kTraceHelp) + kExitCodeTable);
  return [options] { return trace_program(*options); };
}

}  // namespace walsoak::cli
