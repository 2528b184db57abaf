// walsoak: the observer's command line. Commands come from the files beside this one.
#include "harness/cli/program.h"

int main(int argc, char** argv) {
  using namespace walsoak::cli;
  std::vector<Command> commands = {{"run", add_run},
                                   {"compare", add_compare},
                                   {"list", add_list},
                                   {"repro", add_repro},
                                   {"trace", add_trace}};
  for (const Command& command : field_commands()) commands.push_back(command);
  return run_program(
      "walsoak",
      "walsoak: what does a way of holding SQLite connections do to descriptors, sidecars and data?",
      commands, argc, argv);
}
