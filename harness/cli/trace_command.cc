// walsoak trace: an unmodified program under the preloaded library, with its SQLite connections and every
// lock it loses; or a running process under strace, with the lock losses.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "harness/base/escape/standard_output.h"
#include "harness/base/escape/terminal.h"
#include "harness/base/os/clock.h"
#include "harness/base/os/descriptor.h"
#include "harness/base/os/environment.h"
#include "harness/base/os/run_folder.h"
#include "harness/base/os/signals.h"
#include "harness/base/proc/process_list.h"
#include "harness/base/shared/duration.h"
#include "harness/base/shared/errors.h"
#include "harness/base/shared/exit_codes.h"
#include "harness/cli/commands.h"
#include "harness/cli/pid_option.h"
#include "harness/evidence/record/redact.h"
#include "harness/field/strace/attach.h"
#include "harness/field/trace/events.h"
#include "harness/field/trace/launch.h"
#include "harness/field/trace/left_processes.h"
#include "harness/field/trace/privacy.h"
#include "harness/field/trace/program.h"
#include "harness/field/trace/summary.h"
#include "harness/field/watch/find_process.h"
#include "harness/field/watch/snapshot.h"
#include "harness/judgement/diagnosis/diagnosis_case.h"
#include "harness/lab/launch/programs.h"

namespace walsoak::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr const char* kTraceHelp =
    "Examples:\n"
    "  walsoak trace -- python3 gateway.py --port 8080\n"
    "  walsoak trace --out events.jsonl -- ./server\n"
    "  walsoak trace --out - --no-follow -- ./server | jq 'select(.event == \"lock_loss\")'\n"
    "  walsoak trace --pid 4711 --for 60s\n"
    "  walsoak trace --pid 4711 --stack --out -\n"
    "\n"
    "-- COMMAND: the program runs unchanged, with our standard streams, under a library that the dynamic "
    "linker\n"
    "preloads; it must be linked dynamically. The exit code is the program's, 128 + the signal where one "
    "killed "
    "it; 3\n"
    "and 4, with one line on standard error, where it was not started. Processes that it leaves behind are "
    "followed\n"
    "to their end, or for as long as --wait says.\n"
    "--pid N: a running process, whatever it is linked to, through strace. Lock losses are seen, with thread "
    "and "
    "call;\n"
    "no connections, no Python line, and a C stack only with --stack, which slows the process down. The end "
    "of the "
    "time,\n"
    "of the process, Ctrl-C and SIGTERM are normal ends, exit 0: the process is let go of and runs on.\n"
    "Events are JSON Lines (docs/trace.md); a summary goes to standard error at the end.\n"
    "\n";

struct TraceOptions {
  std::vector<std::string> command;
  pid_t pid = 0;
  std::string duration;
  std::string wait;
  std::string out;
  bool stacks = false;
  bool json = false;
  bool follow = true;
  bool redact = true;
};

std::string default_name() {
  return fmt::format("walsoak-trace-{}-{}.jsonl", os::utc_compact(os::system_clock().unix_s()), ::getpid());
}

// A new file of that name, and its absolute path. Throws Refused.
os::Descriptor new_file(const std::string& out, std::string& path) {
  path = fs::absolute(out.empty() ? default_name() : out).string();
  os::Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, os::kOwnersFile));
  if (!file.valid()) throw Refused(fmt::format("--out: {}: {}", path, std::strerror(errno)));
  return file;
}

// The file that the program's events are appended to. A temporary one where they go to standard output.
class EventFile {
 public:
  explicit EventFile(const std::string& out) : to_stdout_(out == "-") {
    if (to_stdout_) {
      path_ = (fs::temp_directory_path() / "walsoak-trace-XXXXXX").string();
      file_ = os::Descriptor(::mkostemp(path_.data(), O_CLOEXEC));
      if (!file_.valid()) throw Refused(fmt::format("--out: {}: {}", path_, std::strerror(errno)));
    } else {
      file_ = new_file(out, path_);
    }
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
    std::ifstream events(path_, std::ios::binary);
    for (std::string line; std::getline(events, line);) escape::put(stdout, escape::json_lines(line) + "\n");
    escape::flush_output();  // in front of the summary
  }

 private:
  bool to_stdout_;
  std::string path_;
  os::Descriptor file_;
};

fs::path preload_library() {
  try {
    return lab::program("libwalsoak-trace.so");
  } catch (const std::exception& error) {
    throw std::runtime_error(error.what());
  }
}

// The path of the program, which can be traced. Throws Refused where there is none of that name.
std::string traceable(const std::string& name) {
  const auto found = name.find('/') == std::string::npos ? lab::find_on_path(name) : std::optional(name);
  if (!found) throw Refused(name + ": no such program on PATH");
  if (::access(found->c_str(), X_OK) != 0) throw Refused(*found + ": " + std::strerror(errno));
  if (const auto reason = trace::why_untraceable(*found, lab::find_on_path)) {
    throw std::runtime_error(*found + " cannot be traced: it " + *reason +
                             "; walsoak trace --pid needs no library");
  }
  return *found;
}

// A file as the caller finds it from where he is, without the folders above.
std::string open_path(const std::string& path, const fs::path& here, const record::Identity& identity) {
  const fs::path below = fs::path(path).lexically_relative(here);
  const bool outside = below.empty() || *below.begin() == "..";
  return outside ? record::redact(path, identity) : below.string();
}

void tell(const trace::Summary& seen, const TraceOptions& options, const std::string& events) {
  std::error_code gone;  // the working directory may be; names are taken out all the same
  const record::Identity identity = record::identity_of(os::environment_block(fs::current_path(gone)));
  const trace::Summary summary = options.redact ? trace::without_private_names(seen, identity) : seen;
  const std::string place = options.redact ? open_path(events, fs::current_path(gone), identity) : events;
  if (options.json) {
    escape::print(stderr, "{}\n", escape::Lines{escape::json(trace::json_of(summary), 2)});
  } else if (summary.programs.empty()) {
    escape::print(stderr, "walsoak: nothing was traced: {}\n",
                  options.pid == 0 ? "the program did not load the library" : "the process has ended");
  } else {
    escape::print(stderr, "{}", escape::Lines{trace::text_of(summary, place)});
    if (options.redact) {
      escape::print(
          stderr,
          "db1, ~ and PATH stand for names of this machine: --no-redact shows them, the events hold them\n");
    }
  }
}

// While a command has ended and processes that it started run on.
void announce(const std::vector<trace::UnfollowedProcess>& running, bool redact) {
  const record::Identity identity = record::identity_of(os::environment_block({}));
  for (const trace::UnfollowedProcess& process : running) {
    escape::print(stderr, "walsoak: the command has ended; process {} ({}) {}\n", process.pid,
                  redact ? record::redact(process.program, identity) : process.program, process.why);
  }
  escape::print(stderr, "walsoak: waiting for its end; Ctrl-C ends the trace and nothing else\n");
}

int trace_program(const TraceOptions& options) {
  std::optional<double> wait_s;
  if (!options.wait.empty()) wait_s = options.wait == "0" ? 0 : seconds_of("--wait", options.wait);
  trace::Launch launch{
      .command = options.command, .preload = preload_library(), .events = {}, .follow = options.follow};
  launch.command.front() = traceable(options.command.front());
  const EventFile events(options.out);
  launch.events = events.path();
  const int code = trace::run_traced(launch);
  trace::EventReader reader(events.path());
  const trace::Wait wait{
      launch.preload, launch.events, wait_s,
      [&](const std::vector<trace::UnfollowedProcess>& running) { announce(running, options.redact); }};
  std::vector<trace::UnfollowedProcess> left = trace::await_left_processes(reader, wait);
  trace::Summary summary = reader.fold().summary();
  for (const trace::UnfollowedProcess& process : left) {
    if (reader.fold().running().contains(process.pid)) --summary.killed;
  }
  summary.unfollowed = std::move(left);
  events.show();
  tell(summary, options, events.shown());
  return code;
}

trace::Attachment attachment_of(const TraceOptions& options) {
  trace::Attachment attachment;
  attachment.pid = options.pid;
  attachment.stacks = options.stacks;
  attachment.follow = options.follow;
  if (!options.duration.empty()) {
    attachment.for_s = parse_seconds(options.duration);
    if (!attachment.for_s) {
      throw Refused(fmt::format("--for {}: no time; valid: {}", options.duration, kValidDurations));
    }
  }
  watch::process_with_pid(options.pid);
  const auto strace = lab::find_on_path("strace");
  if (!strace) {
    throw std::runtime_error(
        "--pid needs strace, which is not on PATH: apt-get install strace; without it walsoak trace -- "
        "COMMAND traces a "
        "program from its start");
  }
  attachment.strace = *strace;
  return attachment;
}

// What `walsoak diagnose --pid` says of the process while the trace begins; null where it cannot be asked. A
// lock that was lost before is lost for no call that is traced.
nlohmann::json state_before(pid_t pid) {
  try {
    watch::GlancePlan plan;
    plan.pid = pid;
    plan.manner.every_s = 0.6;  // three looks, and more than the second that a lock is to be missing for
    plan.for_s = 1.2;
    facts::ProcessHistory evidence;
    for (const ordered_json& line : watch::glance_at(plan)) evidence.accept(line);
    const ordered_json found =
        judgement::case_json("now", evidence, judgement::Circumstances(), judgement::Paths::left_out);
    return {{"standing", found.value("standing", "")},
            {"verdict", found.value("verdict", "")},
            {"named", found.value("named", json::array())}};
  } catch (const std::exception&) {
    return nullptr;  // whatever it is, the trace says it or does without
  }
}

// Nothing can be printed any more: there is no use in holding the process up.
struct OutputFailed {};

// Throws std::system_error naming the file.
void write_event(const os::Descriptor& file, const std::string& path, const std::string& line) {
  try {
    os::write_all(file.get(), line.data(), line.size());
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), path);
  }
}

// Each event is written as it is known.
int trace_process(const TraceOptions& options) {
  const trace::Attachment attachment = attachment_of(options);
  const bool to_stdout = options.out == "-";
  // Before a process is held up for it.
  if (!to_stdout && fs::exists(options.out))
    throw Refused(fmt::format("--out: {}: File exists", options.out));
  std::string path;
  os::Descriptor file;
  trace::EventFold fold;
  const auto write = [&](const ordered_json& event) {
    // Nothing is made where nothing could be attached to.
    if (!to_stdout && !file.valid()) file = new_file(options.out, path);
    const std::string line = event.dump(-1, ' ', false, json::error_handler_t::replace);
    if (to_stdout) {
      escape::put(stdout, escape::json_lines(line) + "\n");
      if (!escape::flush_output()) throw OutputFailed();
    } else {
      write_event(file, path, line + "\n");
    }
    fold.add(line);
  };
  auto before = std::async(std::launch::async, state_before, options.pid);
  try {
    trace::follow_attached(attachment, write);
  } catch (const OutputFailed&) {
    // The process is let go of; escape::run_main says why.
  }
  trace::Summary summary = fold.summary();
  summary.at_attach = before.get();
  tell(summary, options, path);
  return kExitPass;
}

int trace_either(const TraceOptions& options) {
  if (options.command.empty() == (options.pid == 0)) {
    throw Refused("trace needs -- COMMAND or --pid N, one of the two (walsoak trace --help)");
  }
  os::note_stop_signals();
  if (options.pid != 0) {
    if (!options.wait.empty()) throw Refused("--wait is for -- COMMAND: --for ends a trace by --pid");
    return trace_process(options);
  }
  if (!options.duration.empty() || options.stacks) {
    throw Refused("--for and --stack are for --pid: a command is traced to its end, always with its stack");
  }
  return trace_program(options);
}

}  // namespace

Action add_trace(CLI::App& app, const CommandLine&) {
  auto options = std::make_shared<TraceOptions>();
  CLI::App* const command =
      app.add_subcommand("trace", "say which calls of a program or process lose SQLite's locks");
  command->add_option("command", options->command, "the program and its arguments, behind --")
      ->type_name("-- COMMAND...");
  add_pid_option(*command, options->pid, "a running process, through strace");
  command
      ->add_option("--for", options->duration,
                   "with --pid: how long, as 60s; without it until the process ends or Ctrl-C")
      ->type_name("TIME");
  command
      ->add_option("--wait", options->wait,
                   "how long to wait for the processes that COMMAND leaves behind, as 30s or 0; without it "
                   "until they end")
      ->type_name("TIME");
  command->add_flag(
      "--stack", options->stacks,
      "with --pid: C stacks (strace -k), and so the second SQLite that unlocks what another locked; "
      "each call that is looked at then takes milliseconds");
  command
      ->add_option("--out", options->out,
                   "a new file for the events, or - for standard output (those of a command come when it has "
                   "ended); default walsoak-trace-<UTC time>-<pid>.jsonl")
      ->type_name("FILE|-");
  command->add_flag("--json", options->json, "the summary as JSON, on standard error too");
  command->add_flag_callback(
      "--no-redact", [options] { options->redact = false; },
      "show databases, host, user and home folder by name in the summary");
  command->add_flag("--follow,!--no-follow", options->follow,
                    "also trace the programs that it starts (default)");
  command->footer(std::string(kTraceHelp) +
                  exit_code_table({Ending::not_carried_out, Ending::usage, Ending::traced_process,
                                   Ending::traced_program}));
  return [options] { return trace_either(*options); };
}

}  // namespace walsoak::cli
