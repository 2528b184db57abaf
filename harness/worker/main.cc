// walsoak-worker: one task of one board, from claim to completion, in a process of its own. Started by a
// subject; takes its steps from the observer over a Unix socket.
#include <cstdio>
#include <exception>
#include <map>
#include <string>

#include "harness/os/process.h"
#include "harness/protocol/leash.h"
#include "harness/worker/worker.h"

namespace {

// Pairs of option and value, each option once and none missing.
bool read_options(int argc, char** argv, std::map<std::string, std::string*> options) {
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto found = options.find(argv[i]);
    if (found == options.end()) return false;
    *found->second = argv[i + 1];
    options.erase(found);
  }
  return argc % 2 == 1 && options.empty();
}

}  // namespace

int main(int argc, char** argv) {
  using namespace walsoak;
  worker::Assignment assignment;
  std::string socket;
  const std::map<std::string, std::string*> options = {{"--socket", &socket},
                                                       {"--board", &assignment.board.name},
                                                       {"--path", &assignment.board.path},
                                                       {"--task", &assignment.task},
                                                       {"--writer", &assignment.writer}};
  if (!read_options(argc, argv, options)) {
    std::fprintf(stderr,
                 "walsoak-worker: takes --socket PATH --board NAME --path FILE --task ID --writer NAME, all "
                 "of them; it is "
                 "started by a subject (docs/protocol.md)\n");
    return 3;
  }
  try {
    protocol::watch_leash();
    os::restore_descriptor_limit();
    protocol::Channel channel = protocol::connect_to(socket);
    return worker::converse(channel, assignment);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "walsoak-worker %s: %s\n", assignment.writer.c_str(), error.what());
    return 4;
  }
}
