#include "harness/field/rows/line_text.h"

#include <algorithm>

namespace walsoak::watch {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr char kEscape = '\x1b';

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Where the control sequence that begins at `at` ends (ECMA-48: ESC [ parameters final; ESC ] text BEL or
// ESC \\): its last character.
std::size_t sequence_end(std::string_view line, std::size_t at) {
  const char kind = at + 1 < line.size() ? line[at + 1] : '\0';
  std::size_t end = at;
  if (kind == '[')
    end = line.find_first_of("@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~", at + 2);
  if (kind == ']') {
    end = line.find_first_of("\a\x1b", at + 2);
    if (end < line.size() && line[end] == kEscape) ++end;
  }
  return std::min(end, line.size());
}

std::string without_controls(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == kEscape) {
      i = sequence_end(line, i);
    } else if (static_cast<unsigned char>(c) >= ' ' || c == '\t') {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string_view stripped(std::string_view text, std::string_view characters) {
  const std::size_t first = text.find_first_not_of(characters);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(characters) - first + 1);
}

std::string clean_line(std::string_view line) {
  const std::string text = without_controls(line);
  std::string_view rest = stripped(text, kBlanks);
  while (rest.starts_with('>')) rest = stripped(rest.substr(1), kBlanks);
  if (rest.starts_with("* ") || rest.starts_with("- ")) rest = stripped(rest.substr(2), kBlanks);
  return rest.starts_with("```") ? std::string() : std::string(rest);
}

std::vector<Token> tokens_of(std::string_view line) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(kBlanks, at)) != line.npos) {
    const std::size_t end = std::min(line.find_first_of(kBlanks, at), line.size());
    tokens.push_back({line.substr(at, end - at), at});
    at = end;
  }
  return tokens;
}

bool is_number(std::string_view text) {
  constexpr std::size_t kMostDigits = 18;
  return !text.empty() && text.size() <= kMostDigits && std::all_of(text.begin(), text.end(), is_digit);
}

std::int64_t number_of(std::string_view text) {
  std::int64_t value = 0;
  for (const char digit : text) value = value * 10 + (digit - '0');
  return value;
}

std::size_t width_of(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char c) { return (c & '\xc0') != '\x80'; }));
}

}  // namespace walsoak::watch
