#include "harness/field/strace/strace_line.h"

#include <charconv>
#include <cstdlib>

namespace walsoak::trace {
namespace {

constexpr const char* kUnfinished = " <unfinished ...>";
constexpr const char* kResumed = " resumed>";
// What became of a half whose thread goes on by the number of the process: a line that tells both follows.
constexpr const char* kPidChanged = " <pid changed to ";
constexpr const char* kSuperseded = "+++ superseded by execve in pid ";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Steps over text as strace writes it: knows strings, paths of descriptors, and what stands in brackets.
class Scanner {
 public:
  // Whether this character stands outside of all brackets, strings and paths.
  bool bare(char c) {
    if (escaped_) {
      escaped_ = false;
      return false;
    }
    if (quoted_ || in_path_) {
      escaped_ = c == '\\';
      if (quoted_ && c == '"') quoted_ = false;
      if (in_path_ && c == '>') in_path_ = false;
      return false;
    }
    const char before = std::exchange(before_, c);
    if (c == '"') quoted_ = true;
    // 5</path>, AT_FDCWD</path>
    if (c == '<' && (is_digit(before) || before == 'D')) in_path_ = true;
    if (c == '(' || c == '[' || c == '{') ++depth_;
    if (c == ')' || c == ']' || c == '}') --depth_;
    return depth_ == 0 && !quoted_ && !in_path_;
  }

 private:
  bool escaped_ = false, quoted_ = false, in_path_ = false;
  char before_ = ' ';
  int depth_ = 0;
};

std::string without_blanks(const std::string& text) {
  const std::size_t first = text.find_first_not_of(' ');
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

std::vector<std::string> split(const std::string& arguments) {
  std::vector<std::string> parts;
  Scanner scanner;
  std::size_t from = 0;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!scanner.bare(arguments[i]) || arguments[i] != ',') continue;
    parts.push_back(without_blanks(arguments.substr(from, i - from)));
    from = i + 1;
  }
  if (from < arguments.size()) parts.push_back(without_blanks(arguments.substr(from)));
  return parts;
}

// The bytes that strace wrote as \n, \", \74 and the like.
char unescaped(const std::string& text, std::size_t& at) {
  const char c = text[++at];
  if (c >= '0' && c <= '7') {
    int value = 0;
    const std::size_t end = at + 3;
    for (; at < end && at < text.size() && text[at] >= '0' && text[at] <= '7'; ++at)
      value = value * 8 + (text[at] - '0');
    --at;
    return static_cast<char>(value);
  }
  switch (c) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'v':
      return '\v';
    case 'f':
      return '\f';
    default:
      return c;
  }
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// Where the words of strace's own begin that end the first half of a call; npos where it is none.
std::size_t half_end(const std::string& text) {
  if (ends_with(text, kUnfinished)) return text.size() - std::char_traits<char>::length(kUnfinished);
  return ends_with(text, " ...>") ? text.rfind(kPidChanged) : std::string::npos;
}

}  // namespace

StraceLine parse_strace_line(const std::string& line) {
  StraceLine parsed;
  if (line.rfind(" > ", 0) == 0) {
    parsed.kind = StraceLine::Kind::frame;
    parsed.text = line.substr(3);
    return parsed;
  }
  char* end = nullptr;
  parsed.tid = static_cast<pid_t>(std::strtol(line.c_str(), &end, 10));
  const std::int64_t seconds = std::strtoll(end, &end, 10);
  if (*end != '.') return parsed;
  char* after = nullptr;
  const std::int64_t micro = std::strtoll(end + 1, &after, 10);
  if (after != end + 7 || *after != ' ') return parsed;
  parsed.t_us = seconds * 1000000 + micro;
  const std::string text = after + 1;
  if (text.rfind("+++ superseded ", 0) == 0) {
    if (text.rfind(kSuperseded, 0) != 0) return parsed;
    parsed.kind = StraceLine::Kind::superseded;
    parsed.by = static_cast<pid_t>(
        std::strtol(text.c_str() + std::char_traits<char>::length(kSuperseded), nullptr, 10));
  } else if (text.rfind("+++ ", 0) == 0) {
    parsed.kind = StraceLine::Kind::gone;
  } else if (text.rfind("<... ", 0) == 0) {
    const std::size_t at = text.find(kResumed);
    if (at == std::string::npos) return parsed;
    parsed.kind = StraceLine::Kind::resumed;
    parsed.text = text.substr(at + std::char_traits<char>::length(kResumed));
  } else if (const std::size_t end_of_half = half_end(text); end_of_half != std::string::npos) {
    parsed.kind = StraceLine::Kind::begun;
    parsed.text = text.substr(0, end_of_half);
  } else if (text.rfind("--- ", 0) != 0) {
    parsed.kind = StraceLine::Kind::call;
    parsed.text = text;
  }
  return parsed;
}

std::optional<ShownDescriptor> parse_descriptor(const std::string& text) {
  ShownDescriptor shown;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, shown.fd);
  if (error != std::errc() || shown.fd < 0) return std::nullopt;
  auto at = static_cast<std::size_t>(end - text.data());
  if (at == text.size() || text[at] != '<') return shown;
  for (++at; at < text.size() && text[at] != '>'; ++at) {
    shown.path += text[at] == '\\' && at + 1 < text.size() ? unescaped(text, at) : text[at];
  }
  shown.deleted = text.compare(at, std::string::npos, ">(deleted)") == 0;
  return shown;
}

// /usr/lib/libc.so.6(__close+0x14) [0x10e4f4], or without the part in parentheses.
std::optional<StraceFrame> parse_frame(const std::string& text) {
  const std::size_t bracket = text.rfind(" [0x");
  if (bracket == std::string::npos || text.back() != ']') return std::nullopt;
  StraceFrame frame;
  frame.offset = text.substr(bracket + 2, text.size() - bracket - 3);
  frame.module = text.substr(0, bracket);
  if (ends_with(frame.module, ")")) {
    const std::size_t open = frame.module.rfind('(');
    if (open == std::string::npos) return std::nullopt;
    const std::string inside = frame.module.substr(open + 1);
    frame.symbol = inside.substr(0, inside.rfind('+'));
    if (inside.rfind('+') == std::string::npos) frame.symbol.clear();
    frame.module.resize(open);
  }
  return frame;
}

std::optional<ShownDescriptor> SystemCall::descriptor(std::size_t argument) const {
  return argument < arguments.size() ? parse_descriptor(arguments[argument]) : std::nullopt;
}

std::optional<SystemCall> parse_call(const std::string& text) {
  const std::size_t open = text.find('(');
  if (open == std::string::npos) return std::nullopt;
  Scanner scanner;
  std::size_t close = open;
  while (close < text.size() && !scanner.bare(text[close])) ++close;
  if (close == text.size()) return std::nullopt;
  const std::size_t equals = text.find_first_not_of(' ', close + 1);
  if (equals == std::string::npos || text.compare(equals, 2, "= ") != 0) return std::nullopt;
  SystemCall call;
  call.name = text.substr(0, open);
  call.arguments = split(text.substr(open + 1, close - open - 1));
  call.result_text = text.substr(equals + 2);
  char* end = nullptr;
  call.result = std::strtoll(call.result_text.c_str(), &end, 0);
  if (end == call.result_text.c_str()) return std::nullopt;
  return call;
}

std::string field_of(const std::string& braces, const std::string& name) {
  for (std::size_t at = braces.find(name + "="); at != std::string::npos;
       at = braces.find(name + "=", at + 1)) {
    if (at > 0 && braces[at - 1] != '{' && braces[at - 1] != ' ') continue;
    const std::size_t from = at + name.size() + 1;
    return braces.substr(from, braces.find_first_of(",}", from) - from);
  }
  return {};
}

}  // namespace walsoak::trace
