// Lines of strace put together to system calls: halves that other threads came between, and the stack below.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "harness/field/strace/strace_line.h"

namespace walsoak::trace {

class StraceReader {
 public:
  struct Takers {
    std::function<void(pid_t tid)> line;  // of a thread, before what the line says
    std::function<void(const SystemCall& call)> call;
    std::function<void(pid_t tid)> gone;
  };

  // `stacks`: each call is followed by its stack, and is whole only once the next line has come.
  StraceReader(bool stacks, Takers takers) : stacks_(stacks), takers_(std::move(takers)) {}

  // Text as it comes, cut anywhere.
  void add(const std::string& text);
  // Nothing more comes.
  void end();
  // The text of a call that a thread has begun and not ended: name and arguments so far.
  const std::map<pid_t, StraceLine>& begun() const { return begun_; }

 private:
  void add_line(const std::string& line);
  void add_call(const StraceLine& line, const std::string& text, std::int64_t began_us);
  void give();

  bool stacks_;
  Takers takers_;
  std::string part_;
  std::map<pid_t, StraceLine> begun_;
  std::optional<SystemCall> waiting_;  // for its stack
};

}  // namespace walsoak::trace
