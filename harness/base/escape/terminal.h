// Prints for people: the one way to a terminal or log, so that no argument brings control characters or lines
// along.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

#include "harness/base/escape/escape.h"

namespace walsoak::escape {

// An argument whose line feeds are meant: a text that was made of escaped parts.
struct Lines {
  std::string_view text;
};

template <typename T>
constexpr bool is_text = std::is_convertible_v<const T&, std::string_view>;

template <typename T>
using Shown = std::conditional_t<is_text<T> || std::is_same_v<T, Lines>, std::string, T>;

template <typename T>
Shown<T> shown_argument(const T& value) {
  static_assert(
      is_text<T> || std::is_same_v<T, Lines> || (std::is_arithmetic_v<T> && !std::is_same_v<T, char>),
      "escape it first: a text");
  if constexpr (std::is_same_v<T, Lines>) {
    return visible_lines(value.text);
  } else if constexpr (is_text<T>) {
    return visible(value);
  } else {
    return value;
  }
}

// As fmt::format, with each text among the arguments made visible(); `pattern` is the program's own.
template <typename... Args>
std::string format(fmt::format_string<Shown<std::decay_t<const Args&>>...> pattern, const Args&... args) {
  return fmt::format(pattern, shown_argument<std::decay_t<const Args&>>(args)...);
}

// Writes `text` as it is, but for workflow commands in it. A failure on standard output: flush_output().
void put(std::FILE* out, std::string_view text);

template <typename... Args>
void print(std::FILE* out, fmt::format_string<Shown<std::decay_t<const Args&>>...> pattern,
           const Args&... args) {
  put(out, escape::format(pattern, args...));
}
template <typename... Args>
void print(fmt::format_string<Shown<std::decay_t<const Args&>>...> pattern, const Args&... args) {
  put(stdout, escape::format(pattern, args...));
}

// ::error and the like, which are meant to be commands: one line each, made by workflow_message().
void print_command(std::FILE* out, std::string_view line);

// At most `columns` characters of a visible text.
std::string cut(std::string_view text, std::size_t columns);

}  // namespace walsoak::escape
