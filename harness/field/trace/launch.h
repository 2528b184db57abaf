// Starts a program under the preloaded library and waits for its end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace walsoak::trace {

struct Launch {
  std::vector<std::string> command;  // the first is a path
  std::filesystem::path preload;     // libwalsoak-trace.so
  std::filesystem::path events;      // exists; absolute
  bool follow = true;                // the children of the program are traced as well
};

// Runs it to its end with our standard streams. SIGINT and SIGTERM are its own affair: they are handed on,
// and its end is awaited all the same. Returns its exit code, 128 + the signal where one killed it. Throws
// std::system_error where it cannot be started.
int run_traced(const Launch& launch);

}  // namespace walsoak::trace
