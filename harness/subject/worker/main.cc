// walsoak-worker: one task of one board, from claim to completion, in a process of its own. Started by a
// subject; takes its steps from the observer over a Unix socket.
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

#include "harness/base/escape/standard_output.h"
#include "harness/base/escape/terminal.h"
#include "harness/base/os/process.h"
#include "harness/base/os/run_folder.h"
#include "harness/protocol/leash.h"
#include "harness/subject/worker/worker.h"

namespace {

// Pairs of option and value, each option once and none missing but --stderr.
bool read_options(int argc, char** argv, std::map<std::string, std::string*> options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto found = options.find(argv[i]);
    if (found == options.end()) return false;
    *found->second = argv[i + 1];
    options.erase(found);
  }
  options.erase("--stderr");
  return argc % 2 == 1 && options.empty();
}

// The stderr of this worker in a file of its own: in the subject's, which it inherits, nobody could tell
// whose line is the last. Without room for the file it keeps that.
class OwnStderr {
 public:
  OwnStderr(const std::string& folder, const std::string& writer) {
    if (folder.empty()) return;
    try {
      const auto run = walsoak::os::RunFolder::containing(folder);
      const auto path = std::filesystem::path(folder) / (writer + ".log");
      const auto log = run.open_for_append(path);
      if (::dup2(log.get(), STDERR_FILENO) >= 0) file_ = run.inside(path);
    } catch (const std::exception& error) {
      walsoak::escape::print(stderr, "walsoak-worker {}: no stderr of its own: {}\n", writer, error.what());
    }
  }
  // Thousands of workers come and go in hours; those that said nothing leave no file.
  void remove_if_empty() const {
    struct stat status {};
    if (!file_.empty() && ::stat(file_.c_str(), &status) == 0 && status.st_size == 0) ::unlink(file_.c_str());
  }

 private:
  std::filesystem::path file_;  // in the run folder; empty where it keeps what it inherited
};

}  // namespace

int main(int argc, char** argv) {
  using namespace walsoak;
  worker::Assignment assignment;
  std::string socket, stderr_folder;
  const std::map<std::string, std::string*> options = {{"--socket", &socket},
                                                       {"--stderr", &stderr_folder},
                                                       {"--board", &assignment.board.name},
                                                       {"--path", &assignment.board.path},
                                                       {"--task", &assignment.task},
                                                       {"--writer", &assignment.writer}};
  if (!read_options(argc, argv, options)) {
    escape::print(
        stderr,
        "walsoak-worker: takes --socket PATH --board NAME --path FILE --task ID --writer NAME, all of "
        "them, and --stderr FOLDER; it is started by a subject (docs/protocol.md)\n");
    return 3;
  }
  return escape::run_main("walsoak-worker " + assignment.writer, [&] {
    protocol::watch_leash();
    os::restore_descriptor_limit();
    const OwnStderr own_stderr(stderr_folder, assignment.writer);
    protocol::Channel channel = protocol::connect_to(socket);
    const int exit_code = worker::converse(channel, assignment);
    own_stderr.remove_if_empty();
    return exit_code;
  });
}
