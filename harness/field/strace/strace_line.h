// The text that strace writes with -f -ttt -y, and with -k, taken apart line by line. Pure.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace walsoak::trace {

struct StraceLine {
  enum class Kind {
    call,        // name(arguments) = result
    begun,       // name(arguments <unfinished ...>
    resumed,     // <... name resumed>rest) = result
    frame,       // of the stack of the call above
    gone,        // +++ the thread has ended +++
    superseded,  // +++ the first thread has ended, and one that calls execve goes on by its number +++
    other        // signals, and what no version is known to write
  };
  Kind kind = Kind::other;
  pid_t tid = 0;          // of all but frames
  pid_t by = 0;           // the number until then of the thread that calls execve
  std::int64_t t_us = 0;  // since 1970; when the call began, or went on
  std::string text;       // the call; without the words of strace's own in one that is begun or resumed
};
StraceLine parse_strace_line(const std::string& line);

// A descriptor as -y shows it: 5</path> or 5</path>(deleted). The path is empty where none is shown.
struct ShownDescriptor {
  int fd = -1;
  std::string path;
  bool deleted = false;
};
// Nothing where the text does not begin with a number from 0 on.
std::optional<ShownDescriptor> parse_descriptor(const std::string& text);

struct StraceFrame {
  std::string module;
  std::string symbol;  // empty where none is known
  std::string offset;  // in the module's file, as "0x12"
};
std::optional<StraceFrame> parse_frame(const std::string& text);

struct SystemCall {
  pid_t tid = 0;
  std::int64_t began_us = 0;
  std::string name;
  std::vector<std::string> arguments;
  std::int64_t result = -1;
  std::string result_text;  // "-1 EBADF (Bad file descriptor)", "6</path>"
  std::vector<StraceFrame> stack;

  bool failed() const { return result < 0; }
  // The descriptor in an argument; nothing where there is none.
  std::optional<ShownDescriptor> descriptor(std::size_t argument) const;
};
// Name, arguments and result of a whole call. Nothing where it has another form, or never returned ("= ?").
std::optional<SystemCall> parse_call(const std::string& text);

// What stands behind NAME= in {NAME=value, ...}, up to the next comma or brace; empty where it is not there.
std::string field_of(const std::string& braces, const std::string& name);

}  // namespace walsoak::trace
