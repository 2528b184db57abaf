#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "harness/base/escape/escape.h"

namespace walsoak::escape {
namespace {

constexpr std::string_view kUnseenBlank =
    "&#8203;";  // U+200B: nothing is drawn, and no link is found across it

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter_or_digit(char c) {
  return is_digit(c) || std::isalpha(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0;
}

std::string reference(char c) {
  return fmt::format("&#{};", static_cast<int>(c));
}

bool starts_without_case(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char a, char b) {
           return a == std::tolower(static_cast<unsigned char>(b));
         });
}

// Whether the first character begins a heading, list, quote, rule or code block where it begins a line.
bool begins_block(std::string_view text) {
  const char first = text.front(), next = text.size() > 1 ? text[1] : ' ';
  if (first == '#' || first == '>' || first == ' ') return true;
  return (first == '-' || first == '+' || first == '=') && (next == ' ' || next == first);
}

// "1." and "1)" begin a list: the place of their mark, or 0.
std::size_t list_mark(std::string_view text) {
  const std::size_t at = text.find_first_not_of("0123456789");
  if (at == 0 || at == std::string_view::npos || (text[at] != '.' && text[at] != ')')) return 0;
  return at + 1 == text.size() || text[at + 1] == ' ' ? at : 0;
}

// The characters that are marks wherever they stand. `_` is none within a word, nor `~` before a path of
// one's home.
bool is_mark(std::string_view text, std::size_t at) {
  const char c = text[at];
  const char before = at > 0 ? text[at - 1] : ' ', after = at + 1 < text.size() ? text[at + 1] : ' ';
  if (c == '_') return !is_letter_or_digit(before) || !is_letter_or_digit(after);
  if (c == '~') return after != '/' || is_letter_or_digit(before);
  return std::string_view("\\`*[]|$<&").find(c) != std::string_view::npos;
}

// How many characters from here on must be parted from what follows, so that GitHub makes no link of it; 0:
// none.
std::size_t link_part(std::string_view rest) {
  if (rest.starts_with('@')) return 1;
  if (rest.size() > 1 && rest.front() == '#' && is_digit(rest[1])) return 1;
  if (rest.starts_with("://")) return 1;
  if (starts_without_case(rest, "www.")) return 3;
  if (rest.size() > 3 && starts_without_case(rest, "gh-") && is_digit(rest[3])) return 3;
  return 0;
}

std::string entities(std::string_view text, std::string_view also = {}) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':  // "]]>" may not stand in XML's content
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      default:
        result += also.find(c) == std::string_view::npos ? std::string(1, c) : reference(c);
    }
  }
  return result;
}

std::string percent(char c) {
  return fmt::format("%{:02X}", static_cast<unsigned char>(c));
}

// As actions/toolkit does it, packages/core/src/command.ts.
std::string workflow(std::string_view text, std::string_view also) {
  std::string result;
  for (const char c : visible_lines(text)) {
    const bool taken = c == '%' || c == '\n' || also.find(c) != std::string_view::npos;
    result += taken ? percent(c) : std::string(1, c);
  }
  return result;
}

}  // namespace

std::string markdown(std::string_view any) {
  const std::string text = visible(any);
  std::string result;
  const std::size_t mark = list_mark(text);
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (const std::size_t part = link_part(rest); part > 0) {
      result += std::string(rest.substr(0, part)).append(kUnseenBlank);
      at += part - 1;
    } else if (text[at] == '<' || text[at] == '&') {
      result += text[at] == '<' ? "&lt;" : "&amp;";
    } else if (is_mark(text, at) || (at == 0 && begins_block(text)) || (at > 0 && at == mark)) {
      result += reference(text[at]);
    } else {
      result += text[at];
    }
  }
  return result;
}

std::string markdown_code(std::string_view any) {
  const std::string text = visible(any);
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string ticks(longest + 1, '`');
  const bool apart = text.empty() || text.front() == '`' || text.back() == '`';
  return ticks + (apart ? " " : "") + text + (apart ? " " : "") + ticks;
}

std::string markdown_target(std::string_view path) {
  std::string result;
  for (const char c : path) {
    const bool harmless = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                          std::string_view("-._/").find(c) != std::string_view::npos;
    result += harmless ? std::string(1, c) : percent(c);
  }
  return result;
}

std::string xml(std::string_view text) {
  return entities(visible_lines(text));
}

std::string xml_attribute(std::string_view text) {
  return entities(visible_lines(text), "\n");  // which a reader would take for a blank
}

std::string html(std::string_view text) {
  return entities(visible_lines(text));
}

std::string workflow_message(std::string_view text) {
  return workflow(text, "");
}

std::string workflow_property(std::string_view text) {
  return workflow(text, ":,");
}

}  // namespace walsoak::escape
