// The output of lsof -F: a field a line, a letter and its value; p begins a process, f a file (lsof.8,
// "OUTPUT FOR OTHER PROGRAMS").
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/field/rows/entry.h"

namespace walsoak::watch {

class LsofFields {
 public:
  // Whether the line is a field: "p" and a number begins, any other line than a field's ends it.
  bool accept(std::string_view line);
  // The file whose fields are all there, once: asked for after each line, and with `last` after the text.
  std::optional<Entry> take(bool last = false);

 private:
  void finish();
  void set(char field, std::string_view value);

  bool inside_ = false, thread_ = false;
  std::optional<std::int64_t> pid_;
  std::string command_;
  std::optional<Entry> current_, done_;
};

}  // namespace walsoak::watch
