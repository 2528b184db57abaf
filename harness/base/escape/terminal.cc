#include "harness/base/escape/terminal.h"

#include <algorithm>

#include "harness/base/escape/standard_output.h"

namespace walsoak::escape {
namespace {

// A failure on standard output is remembered there (standard_output.h); one on stderr can be said nowhere.
void write(std::FILE* out, std::string_view text) {
  if (out == stdout) {
    write_output(text);
  } else {
    std::fwrite(text.data(), 1, text.size(), out);
  }
}

}  // namespace

std::string without_commands(std::string_view text) {
  std::string result;
  bool at_start = true;  // nothing but blanks yet; the runner takes Unicode's for blanks, too
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    if (rest.starts_with("##[")) {
      result += "#\\x23[";
      at += 2;
      at_start = false;
    } else if (at_start && rest.starts_with("::")) {
      result += "\\x3a";
      at_start = false;
    } else {
      const char c = text[at];
      if (c == '\n' || c == '\r') {
        at_start = true;
      } else if (c > ' ') {
        at_start = false;
      }
      result += c;
    }
  }
  return result;
}

void put(std::FILE* out, std::string_view text) {
  const std::string harmless = without_commands(text);
  write(out, harmless);
}

void print_command(std::FILE* out, std::string_view line) {
  const std::string text = visible(line) + "\n";
  write(out, text);
}

std::string cut(std::string_view text, std::size_t columns) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if ((text[at] & 0xC0) != 0x80 && columns-- == 0) break;
  }
  return std::string(text.substr(0, at));
}

}  // namespace walsoak::escape
