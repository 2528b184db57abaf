// What tracing costs the program that is traced: a process that does a named piece of work when it is asked
// to, started as it is, under the preloaded library, or attached to by strace.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "harness/base/os/descriptor.h"

namespace walsoak::benchmarks {

enum class Work : char { open_close = 'o', held = 'h', other_file = 'f' };
enum class Tracing { none, preloaded, attached };

// The argument that makes this program the one that works: work_when_asked() is then its main.
inline constexpr const char* kWorkArgument = "--work";
// Argument, folder for the database. Ends with its standard input. Returns an exit code.
int work_when_asked(int argc, char** argv);

// Owns the process, and what traces it. Functions throw on an error.
class TracedProgram {
 public:
  explicit TracedProgram(Tracing tracing);
  ~TracedProgram();
  TracedProgram(const TracedProgram&) = delete;
  TracedProgram& operator=(const TracedProgram&) = delete;

  // Does the work kRounds times; returns the processor time that it took, in nanoseconds.
  std::int64_t work(Work work);
  static constexpr int kRounds = 20;

 private:
  void attach();

  std::string folder_;
  os::Descriptor ask_, answer_;
  pid_t program_ = 0, tracer_ = 0;
};

}  // namespace walsoak::benchmarks
