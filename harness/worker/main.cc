// walsoak-worker: one task of one board, from claim to completion, in a process of its own. Started by a
// subject; takes its steps from the observer over a Unix socket.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "harness/protocol/leash.h"
#include "harness/worker/worker.h"

int main(int argc, char** argv) {
  using namespace walsoak;
  worker::Assignment assignment;
  std::string socket;
  CLI::App app("walsoak-worker: works on one task; started by a subject, steered by walsoak");
  app.add_option("--socket", socket, "Unix socket of the observer")->required();
  app.add_option("--board", assignment.board.name, "name of the board")->required();
  app.add_option("--path", assignment.board.path, "the board's file")->required();
  app.add_option("--task", assignment.task, "id of the task")->required();
  app.add_option("--writer", assignment.writer, "name under which it acknowledges")->required();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 3;
  }
  try {
    protocol::watch_leash();
    protocol::Channel channel = protocol::connect_to(socket);
    return worker::converse(channel, assignment);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "walsoak-worker %s: %s\n", assignment.writer.c_str(), error.what());
    return 4;
  }
}
