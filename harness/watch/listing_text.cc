#include "harness/watch/listing_text.h"

#include <algorithm>

namespace walsoak::watch {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";
constexpr char kEscape = '\x1b';

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Control sequences (ECMA-48: ESC [ parameters final) and what else is no text.
std::string without_controls(std::string_view line) {
  std::string text;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == kEscape) {
      if (i + 1 < line.size() && line[i + 1] == '[') {
        for (i += 2; i < line.size() && !(line[i] >= '@' && line[i] <= '~');) ++i;
      }
    } else if (static_cast<unsigned char>(c) >= ' ' || c == '\t') {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string clean_line(std::string_view line) {
  const std::string text = without_controls(line);
  std::string_view rest = trimmed(text);
  while (rest.starts_with('>')) rest = trimmed(rest.substr(1));
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
