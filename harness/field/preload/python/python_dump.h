// The text that CPython's traceback dumper writes, taken apart. Pure.
#pragma once

#include <cstddef>

namespace walsoak::trace {

struct PythonFrame {
  const char* file;
  std::size_t file_length;
  long line;
  const char* function;
  std::size_t function_length;
};

// The next frame of the text from `*at` on (`  File "x", line N in f`), the most recent call first; moves
// `*at` behind it. False at the end. Lines of any other form are passed over.
bool next_frame(const char** at, PythonFrame* frame);

}  // namespace walsoak::trace
